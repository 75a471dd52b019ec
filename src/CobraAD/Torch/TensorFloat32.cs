using TorchSharp;

namespace CobraAD.Torch;

/// <summary>
/// libtorch's two switches for TF32, of cuBLAS and cuDNN. They hold for the whole process, and libtorch's own start is uneven:
/// products in float32, convolutions in TF32.
/// </summary>
internal static class TensorFloat32
{
    private static readonly Lock Gate = new();
    private static TensorFloat32Use use = TensorFloat32Use.Training;
    private static int trainings;

    /// <summary>When TF32 is used from now on.</summary>
    public static TensorFloat32Use Use
    {
        get => use;
        set
        {
            lock (Gate)
            {
                use = value;
                Apply();
            }
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

    /// <summary>Trainings may overlap: what holds in training holds until the last one ends.</summary>
    private static void Apply() => Allowed = trainings > 0 ? use != TensorFloat32Use.Never : use == TensorFloat32Use.Always;

    private sealed class Training : IDisposable
    {
        private bool hasEnded;

        public Training()
        {
            lock (Gate)
            {
                trainings++;
                Apply();
            }
        }

        public void Dispose()
        {
            lock (Gate)
            {
                if (hasEnded) return;
                hasEnded = true;
                trainings--;
                Apply();
            }
        }
    }
}
