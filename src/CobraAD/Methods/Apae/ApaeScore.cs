using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>A(x) = Σ_j w_j ½ (D(z_T) - x)_j², where z_T is the end of the descent that starts at z_0 = Enc(x).</summary>
/// <remarks>SmoothL1 is d²/2 up to |d| = 1, and two images in [0, 1] never differ by more.</remarks>
/// <param name="network">Frozen, of the images' type.</param>
/// <param name="steps">T.</param>
internal sealed class ApaeScore(ApaeNetwork network, int steps)
{
    private readonly Projection projection = new(network.Decoder, steps, network.Step);

    /// <summary>float64 [B], part of the images' graph; the caller disposes it.</summary>
    public Tensor Of(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!is_grad_enabled() || !images.requires_grad) return WithCodeFixed(images).MoveToOuterDisposeScope();

        Tensor constant = images.detach(), start = constant.clone().requires_grad_(), end = constant.clone().requires_grad_();
        Tensor firstCodes = network.Encoder.call(start);
        IReadOnlyList<Tensor> codes = projection.Descend(firstCodes, constant);
        Tensor lastCodes = codes[^1].detach().requires_grad_();
        Tensor score = Error(network.Decoder.call(lastCodes), end);
        autograd.backward([score.sum()], inputs: [lastCodes, end]);
        (Tensor toStart, Tensor toImages) = projection.PullBack(codes, constant, lastCodes.grad!);
        autograd.backward([(firstCodes * toStart).sum()], inputs: [start]);
        Tensor gradient = end.grad! + toImages + start.grad!;
        // The value of the score and, as the derivative of a term that is zero, the whole gradient.
        return (score.detach() + (gradient * (images - constant)).sum([1, 2, 3])).MoveToOuterDisposeScope();
    }

    /// <summary>The same value with the derivative that it would have if the descent ended at the same code for every image near.</summary>
    public Tensor WithCodeFixed(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Error(network.Decoder.call(Project(images)), images).MoveToOuterDisposeScope();
    }

    /// <summary>The error of the encoder's own code.</summary>
    public Tensor WithoutProjection(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Error(network.call(images), images).MoveToOuterDisposeScope();
    }

    /// <summary>z_T as constants [B, code size]; the caller disposes them.</summary>
    public Tensor Project(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor constant = images.detach();
        return projection.Descend(network.Encoder.call(constant), constant)[^1].MoveToOuterDisposeScope();
    }

    /// <summary>w_j ½ (x̂ - x)_j² summed over each image.</summary>
    private Tensor Error(Tensor decoded, Tensor images) => (Errors(decoded, images).to(ScalarType.Float64) * network.Weights.to(ScalarType.Float64)).sum([1, 2, 3]);

    /// <summary>The errors of each pixel, [B, 3, H, W].</summary>
    internal static Tensor Errors(Tensor decoded, Tensor images) => (decoded - images).square() / 2;
}
