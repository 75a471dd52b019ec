namespace CobraAD.Tests;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CobraAD.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above '{start}' holds CobraAD.slnx. Run the tests where they were built.");
    }
}
