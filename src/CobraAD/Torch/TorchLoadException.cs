namespace CobraAD.Torch;

/// <summary>A native library of libtorch or TorchSharp could not be loaded.</summary>
public sealed class TorchLoadException : Exception
{
    /// <summary>Describes a failed load.</summary>
    /// <param name="file">The library that was asked for.</param>
    /// <param name="problem">What the loader objected to, in one sentence.</param>
    /// <param name="remedy">What helps, in one sentence.</param>
    /// <param name="symbol">The symbol or version that is missing, where that is the problem.</param>
    /// <param name="innerException">The loader's own report.</param>
    public TorchLoadException(string file, string problem, string remedy, string? symbol = null, Exception? innerException = null)
        : base($"Cannot load {file}: {problem} {remedy}", innerException)
    {
        File = file;
        Symbol = symbol;
        Remedy = remedy;
    }

    /// <summary>The library that was asked for.</summary>
    public string File { get; }

    /// <summary>The symbol or symbol version that is missing; <see langword="null"/> when something else is wrong.</summary>
    public string? Symbol { get; }

    /// <summary>What helps.</summary>
    public string Remedy { get; }
}
