using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>What a <see cref="CobraNetwork"/> says about a batch.</summary>
/// <param name="Features">F(x), [B, feature size].</param>
/// <param name="Embeddings">f(x) = G(F(x)), [B, embedding size], not normalised.</param>
/// <param name="Logits">H(F(x)), [B, classes]; class 0 is normal.</param>
/// <param name="MemberLogits">Logits by the features of each encoder alone, one after the other, [B, members · classes]; <paramref name="Logits"/> is their mean.</param>
internal readonly record struct CobraOutput(Tensor Features, Tensor Embeddings, Tensor Logits, Tensor MemberLogits);
