using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>A loss and what it is made of; scalars.</summary>
/// <param name="Total">What is minimised.</param>
/// <param name="Contrastive">L_COBRA, or the contrastive loss in its place.</param>
/// <param name="Classification">L_CLS, unweighted.</param>
internal readonly record struct ObjectiveParts(Tensor Total, Tensor Contrastive, Tensor Classification);
