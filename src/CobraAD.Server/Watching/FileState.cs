namespace CobraAD.Server.Watching;

/// <summary>
/// What tells, without opening it, that a file is another one or has changed. The time of creation stands for the inode: a file that takes
/// another's place has its own. States are compared for equality only; which of two times is the later one says nothing, since a copied file
/// brings its time along.
/// </summary>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Written">When it was last written.</param>
/// <param name="Created">When it was made.</param>
internal readonly record struct FileState(long Length, DateTime Written, DateTime Created)
{
    public static FileState Of(FileInfo file) => new(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc);
}
