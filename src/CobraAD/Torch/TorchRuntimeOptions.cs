namespace CobraAD.Torch;

/// <summary>How tensor operations use the machine's cores.</summary>
public sealed record TorchRuntimeOptions
{
    /// <summary>Threads of one tensor operation.</summary>
    /// <value>0 (the default) leaves libtorch's choice: one per core that the process may use.</value>
    public int Threads { get; init; }

    /// <summary>Whether idle OpenMP threads spin.</summary>
    /// <value>
    /// Default <see langword="false"/>. Spinning gains 10-25 % on an idle machine and costs a factor of 3-10 when another OpenMP
    /// program runs beside this one.
    /// </value>
    public bool SpinWhileIdle { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (Threads is < 0 or > 1024) throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Threads must be between 0 (automatic) and 1024.");
    }
}
