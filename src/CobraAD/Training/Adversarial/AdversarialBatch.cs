using static TorchSharp.torch;

namespace CobraAD.Training.Adversarial;

/// <summary>What the training attack made of a batch.</summary>
/// <param name="Images">The attacked images, detached, within ε of the originals and in [0, 1].</param>
/// <param name="ObjectiveAtStart">The objective of each image where the attack started, [N].</param>
/// <param name="ObjectiveAtEnd">The objective of each attacked image, [N]; <see langword="null"/> when it was not asked for.</param>
/// <param name="GradientPasses">Gradients taken of an image, on average.</param>
internal readonly record struct AdversarialBatch(Tensor Images, Tensor ObjectiveAtStart, Tensor? ObjectiveAtEnd, double GradientPasses);
