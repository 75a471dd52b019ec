using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>The images of one training step and where the training stands.</summary>
/// <param name="Images">[b, 3, H, W] in [0, 1]; disposed after the step.</param>
/// <param name="Epoch">Finished epochs of the phase.</param>
/// <param name="Step">Steps taken before, over all epochs of the phase.</param>
internal readonly record struct EpochBatch(Tensor Images, int Epoch, long Step);
