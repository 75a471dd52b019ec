using TorchSharp;

namespace CobraAD.Torch;

/// <summary>
/// libtorch's two switches for TF32, of cuBLAS and cuDNN. They hold for the whole process, and libtorch's own start is uneven:
/// products in float32, convolutions in TF32.
/// </summary>
internal static class TensorFloat32
{
    private static TensorFloat32Use use = TensorFloat32Use.Training;

    /// <summary>When TF32 is used from now on; outside training it holds at once.</summary>
    public static TensorFloat32Use Use
    {
        get => use;
        set
        {
            use = value;
            Allowed = value == TensorFloat32Use.Always;
        }
    }

    /// <summary>Whether products and convolutions may use it now.</summary>
    internal static bool Allowed
    {
        get => torch.backends.cuda.matmul.allow_tf32 && torch.backends.cudnn.allow_tf32;
        private set
        {
            torch.backends.cuda.matmul.allow_tf32 = value;
            torch.backends.cudnn.allow_tf32 = value;
        }
    }

    /// <summary>A training begins, which may use it unless the user said never; disposing the result ends it.</summary>
    public static IDisposable Train() => new Training();

    private sealed class Training : IDisposable
    {
        private readonly bool before = Allowed;

        public Training() => Allowed = Use != TensorFloat32Use.Never;

        public void Dispose() => Allowed = before;
    }
}
