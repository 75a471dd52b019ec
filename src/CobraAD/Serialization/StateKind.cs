using System.Text;

namespace CobraAD.Serialization;

/// <summary>
/// A kind of file that keeps progress, known by the text that it begins with. A damaged file of the kind can be deleted; a file of any other kind is
/// somebody's, and was named by mistake.
/// </summary>
/// <param name="Name">What such a file is, with an article, e.g. "the state of an evaluation".</param>
/// <param name="Title">What files of the kind begin with in every version.</param>
/// <param name="Version">The version that is written and read.</param>
internal sealed record StateKind(string Name, string Title, int Version)
{
    /// <summary>What a file begins with, as <see cref="BinaryWriter"/> writes a text.</summary>
    public string Magic => $"{Title} {Version}";

    /// <summary>Looks at the beginning of a file, and leaves the stream after it.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="stream">Its content.</param>
    /// <exception cref="InvalidDataException">It is of another kind, or of another version.</exception>
    public void Require(string file, Stream stream)
    {
        stream.Position = 0;
        byte[] expected = [(byte)Magic.Length, .. Encoding.ASCII.GetBytes(Magic)], start = new byte[expected.Length];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start.AsSpan().SequenceEqual(expected)) return;
        string found = Encoding.UTF8.GetString(start, 0, length);
        throw new InvalidDataException(found.Length > 0 && found[1..].StartsWith(Title, StringComparison.Ordinal)
            ? $"'{file}' is {Name} of another version: expected '{Magic}', found '{found[1..]}'. Delete it to start again, or name another file."
            : $"'{file}' is not {Name}. Name another file; this one was left as it is.");
    }
}
