namespace CobraAD.Torch.Files;

/// <summary>Where files are made that do not outlive the process.</summary>
internal static class ScratchFolder
{
    private const string Variable = "TMPDIR", OnDisk = "/var/tmp";

    /// <summary>TMPDIR, else /var/tmp, which is on a disk where /tmp may be in memory. It is never made: a slip of the variable would leave a folder that nobody looks for.</summary>
    /// <exception cref="IOException">TMPDIR names no folder.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } chosen) return Directory.Exists(OnDisk) ? OnDisk : Path.GetTempPath();
        return Directory.Exists(chosen) ? chosen : throw new IOException($"{Variable} names '{chosen}', where no folder is. Make it, or let {Variable} name one for temporary files.");
    }
}
