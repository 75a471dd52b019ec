using System.Text;

namespace CobraAD.Server.Watching;

/// <summary>Opens a log to be appended to while others read it.</summary>
internal static class Appending
{
    public static StreamWriter Open(string path)
    {
        string target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        FileStream stream = new(target, FileMode.Append, FileAccess.Write, FileShare.Read);
        return new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
    }
}
