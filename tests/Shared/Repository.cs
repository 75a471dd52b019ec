namespace CobraAD.Testing;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Where another project's program lies that was built as these tests were.</summary>
    /// <param name="project">The project's folder, from the root.</param>
    public static string OutputOf(string project)
    {
        // Behind the test project's own folder, tests/NAME, come the same folders for all.
        string[] own = Path.GetRelativePath(Root, AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar);
        return Path.Combine([Root, project, .. own.Skip(2)]);
    }

    private static string Find(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CobraAD.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above '{start}' holds CobraAD.slnx. Run the tests where they were built.");
    }
}
