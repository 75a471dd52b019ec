namespace CobraAD.Training;

/// <summary>The numbers that a training's passes through the network compute with. Weights, losses and updates are float32 always.</summary>
public enum TrainingPrecision
{
    /// <summary>float32 (on a CUDA device with TF32 as <see cref="Torch.TorchRuntimeOptions.TensorFloat32"/> says).</summary>
    Full,

    /// <summary>
    /// Convolutions and matrix products in bfloat16, as libtorch's autocast chooses, in the updates and in the training attack. Refused on
    /// a CPU that computes in float32 faster.
    /// </summary>
    BFloat16,
}
