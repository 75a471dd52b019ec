using System.Reflection;

namespace CobraAD.Reporting.Rendering;

/// <summary>The files under Assets, which travel inside the library.</summary>
internal static class ReportAssets
{
    public static Stream Open(string name)
    {
        Assembly assembly = typeof(ReportAssets).Assembly;
        string resource = $"CobraAD.Reporting.Assets.{name}";
        return assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The library was built without its resource {resource}.");
    }

    public static byte[] Bytes(string name)
    {
        using Stream stream = Open(name);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static string Text(string name)
    {
        using StreamReader reader = new(Open(name));
        return reader.ReadToEnd();
    }
}
