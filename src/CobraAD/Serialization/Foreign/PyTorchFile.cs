using System.IO.Compression;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Foreign;

/// <summary>
/// A PyTorch state dict (<c>.pt</c>, <c>.pth</c>): a zip of a pickle, which says what there is, and of the tensors' raw bytes. Only the
/// few instructions and names that plain tensors need are understood; whatever else the pickle asks for is refused, never called.
/// </summary>
internal static class PyTorchFile
{
    private const int MaximumPickle = 16 << 20;
    private const int SliceBytes = 4 << 20;

    /// <summary>
    /// Views may share their data, and a stride of 0 makes much of little; weights that several layers share need a few times the file, and nothing
    /// needs more than this and that.
    /// </summary>
    private const long AlwaysAllowed = 64L << 20, LargestRatio = 8;

    /// <summary>Where training programs put the weights when they save more than those.</summary>
    private static readonly string[] Places = ["state_dict", "model_state_dict", "model", "net"];

    public static TensorBundle Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            using ZipArchive zip = new(file, ZipArchiveMode.Read);
            return Read(zip, path, Math.Max(AlwaysAllowed, LargestRatio * file.Length));
        }
        catch (InvalidDataException exception)
        {
            throw new ModelFormatException($"{path}: not a readable zip archive ({exception.Message}). It was damaged or cut short: copy it again from its source.", exception);
        }
    }

    private static TensorBundle Read(ZipArchive zip, string path, long most)
    {
        ZipArchiveEntry pickle = zip.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new ModelFormatException($"{path}: a zip archive without data.pkl, so no PyTorch state dict. Check the path.");
        if (zip.Entries.Any(entry => entry.FullName.Contains("/code/", StringComparison.Ordinal)))
            throw new ModelFormatException($"{path}: a TorchScript program, not a state dict. Save the model's state_dict() instead.");
        string root = pickle.FullName[..^"data.pkl".Length];
        if (zip.GetEntry(root + "byteorder") is { } order && ReadText(order, path).Trim() != "little")
            throw new ModelFormatException($"{path}: written on a machine with another byte order. Save it again on an x64 machine, or as safetensors.");

        object? content = PickleReader.Read(ReadBytes(pickle, MaximumPickle, path), path);
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        Dictionary<string, Tensor> storages = new(StringComparer.Ordinal);
        Int128 total = 0;
        try
        {
            foreach ((string name, PickledTensor pickled) in TensorsOf(content, path)) tensors.Add(name, View(pickled, Storage(pickled.Storage)));
            return new TensorBundle(tensors, new Dictionary<string, string>());
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            throw;
        }
        finally
        {
            foreach (Tensor storage in storages.Values) storage.Dispose();
        }

        Tensor Storage(PickledStorage pickled)
        {
            if (!storages.TryGetValue(pickled.Key, out Tensor? storage)) storages[pickled.Key] = storage = ReadStorage(zip, root, pickled, path);
            return storage.dtype == pickled.Type ? storage : throw new ModelFormatException($"{path}: the data '{pickled.Key}' has two element types, {storage.dtype} and {pickled.Type}. The file is damaged: copy it again from its source.");
        }

        Tensor View(PickledTensor pickled, Tensor storage)
        {
            long last = pickled.Offset;
            bool isEmpty = false;
            for (int i = 0; i < pickled.Shape.Length; i++)
            {
                isEmpty |= pickled.Shape[i] == 0;
                // In 128 bits, so that no product wraps around into the allowed range.
                Int128 next = last + (Int128)(pickled.Shape[i] - 1) * pickled.Stride[i];
                if (pickled.Shape[i] < 0 || pickled.Stride[i] < 0 || (!isEmpty && next >= storage.numel())) throw OutOfBounds(pickled);
                last = (long)Int128.Max(next, 0);
            }

            total += pickled.Shape.Aggregate((Int128)pickled.Storage.ElementBytes, (product, side) => Int128.Min(product * side, long.MaxValue));
            if (total > most) throw new ModelFormatException($"{path}: its tensors have more than {most} bytes, far more than the file. It is damaged or made to fill the memory: copy it again from its source.");
            if (pickled.Offset < 0 || (!isEmpty && last >= storage.numel())) throw OutOfBounds(pickled);
            using DisposeScope scope = NewDisposeScope();
            return isEmpty
                ? empty(pickled.Shape, storage.dtype).DetachFromDisposeScope()
                : storage.as_strided(pickled.Shape, pickled.Stride, pickled.Offset).clone().contiguous().DetachFromDisposeScope();
        }

        ModelFormatException OutOfBounds(PickledTensor pickled) => new(
            $"{path}: a tensor [{string.Join(", ", pickled.Shape)}] reaches outside its data of {pickled.Storage.Count} numbers. The file is damaged: copy it again from its source.");
    }

    private static (string Name, PickledTensor Tensor)[] TensorsOf(object? content, string path)
    {
        if (content is not Dictionary<object, object?> top)
            throw new ModelFormatException($"{path}: holds {PickleReader.Describe(content)}, expected a state dict. Save the model's state_dict().");
        Dictionary<object, object?> state = Places.Select(place => top.GetValueOrDefault(place)).OfType<Dictionary<object, object?>>().FirstOrDefault() ?? top;
        (string, PickledTensor)[] found = [.. state.Where(pair => pair is { Key: string, Value: PickledTensor }).Select(pair => ((string)pair.Key, (PickledTensor)pair.Value!))];
        return found.Length > 0 ? found : throw new ModelFormatException($"{path}: no tensors by name in it, nor under {string.Join(", ", Places)}. Save the model's state_dict().");
    }

    private static Tensor ReadStorage(ZipArchive zip, string root, PickledStorage pickled, string path)
    {
        ZipArchiveEntry entry = zip.GetEntry($"{root}data/{pickled.Key}")
            ?? throw new ModelFormatException($"{path}: the data '{pickled.Key}' is missing. The file is damaged: copy it again from its source.");
        int width = pickled.ElementBytes;
        if (pickled.Count < 0 || entry.Length != entry.CompressedLength || entry.Length / width != pickled.Count || entry.Length % width != 0)
            throw new ModelFormatException($"{path}: the data '{pickled.Key}' has {entry.Length} bytes, expected {pickled.Count} numbers of {width}. The file is damaged: copy it again from its source.");

        Tensor storage = empty(pickled.Count, pickled.Type).DetachFromDisposeScope();
        try
        {
            using Stream stream = entry.Open();
            for (long start = 0; start < pickled.Count;)
            {
                long part = Math.Min(SliceBytes / width, pickled.Count - start);
                using Tensor slice = storage.narrow(0, start, part);
                stream.ReadExactly(slice.bytes);
                start += part;
            }

            return storage;
        }
        catch (Exception exception)
        {
            storage.Dispose();
            if (exception is EndOfStreamException) throw new ModelFormatException($"{path}: ends within the data '{pickled.Key}'. It was cut short: copy it again from its source.", exception);
            throw;
        }
    }

    private static string ReadText(ZipArchiveEntry entry, string path) => System.Text.Encoding.ASCII.GetString(ReadBytes(entry, 64, path));

    private static byte[] ReadBytes(ZipArchiveEntry entry, int most, string path)
    {
        if (entry.Length > most) throw new ModelFormatException($"{path}: {entry.FullName} has {entry.Length} bytes; at most {most} are plausible. The file is damaged or no state dict.");
        byte[] bytes = new byte[(int)entry.Length];
        using Stream stream = entry.Open();
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFormatException($"{path}: ends within {entry.FullName}. It was cut short: copy it again from its source.", exception);
        }

        return bytes;
    }
}
