using CobraAD.Validation;

namespace CobraAD.Torch;

/// <summary>How tensor operations use the machine.</summary>
public sealed record TorchRuntimeOptions
{
    /// <summary>Threads of one tensor operation.</summary>
    /// <value>
    /// 0 (the default) leaves libtorch's choice, one per physical core, but never more than <see cref="Environment.ProcessorCount"/>,
    /// which honours a container's CPU limit where libtorch does not.
    /// </value>
    public int Threads { get; init; }

    /// <summary>Whether idle OpenMP threads spin.</summary>
    /// <value>
    /// Default <see langword="false"/>: <c>GOMP_SPINCOUNT=0</c>, unless the environment sets it or <c>OMP_WAIT_POLICY</c>. Spinning gains
    /// 10-25 % on an idle machine and costs a factor of 3-10 when another OpenMP program runs beside this one.
    /// </value>
    public bool SpinWhileIdle { get; init; }

    /// <summary>When float32 may be rounded to TF32 on a CUDA device.</summary>
    /// <value>Default <see cref="TensorFloat32Use.Training"/>.</value>
    public TensorFloat32Use TensorFloat32 { get; init; }

    /// <summary>The lib folder of another libtorch, for example one with CUDA.</summary>
    /// <value>
    /// <see langword="null"/> (the default): the folder that the environment variable <see cref="TorchRuntime.LibTorchVariable"/> names, else
    /// the libtorch beside the program.
    /// </value>
    public string? LibTorchFolder { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Threads, Threads is >= 0 and <= 1024, "between 0 (automatic) and 1024");
        OptionCheck.RequireDefined(TensorFloat32);
    }
}
