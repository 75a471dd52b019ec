using CobraAD.Serialization.Protobuf;

namespace CobraAD.Runtime;

/// <summary>
/// The texts that an ONNX model carries beside its graph (ModelProto, field 14: entries of key 1 and value 2), read from the file itself: ONNX Runtime looks
/// each key up again by a C string, and fails on a damaged one that has a zero in it.
/// </summary>
internal static class ModelProperties
{
    private const int Entries = 14;
    private const int Key = 1;
    private const int Value = 2;

    /// <summary>Calibration scores are the longest: twenty characters for each good image.</summary>
    private const int LongestText = 1 << 28;

    /// <summary>The texts by name; of one that occurs twice the last.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="file">Its content.</param>
    /// <exception cref="ModelRejectedException">The content is no protocol buffer message.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path, byte[] file)
    {
        Dictionary<string, string> properties = new(StringComparer.Ordinal);
        try
        {
            using MemoryStream stream = new(file, writable: false);
            ProtoReader model = new(stream, stream.Length);
            for (int field = model.Next(); field != 0; field = model.Next())
            {
                if (field != Entries) continue;
                (string key, string value) = Entry(model.Message());
                properties[key] = value;
            }
        }
        catch (InvalidDataException e)
        {
            throw new ModelRejectedException($"{path}: this is not an ONNX model that can be read: it has {e.Message}. It was damaged or cut short: copy it again, or export it again.", e);
        }

        return properties;
    }

    private static (string Key, string Value) Entry(ProtoReader entry)
    {
        string key = "", value = "";
        for (int field = entry.Next(); field != 0; field = entry.Next())
        {
            if (field == Key) key = entry.Text();
            if (field == Value) value = entry.Text(LongestText);
        }

        return (key, value);
    }
}
