using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>
/// The descent z₍t+1₎ = z_t - η ∇_z L(z_t, x) on L(z, x) = ½ ‖D(z) - x‖², and its exact derivative. With J the derivative of D and H that of ∇_z L,
/// a derivative v of anything with respect to z₍t+1₎ is v - η H v with respect to z_t, and adds η J v with respect to x. So only the codes
/// are kept, and the memory of one step is enough for any number of them. Every image goes its own way.
/// </summary>
/// <remarks>
/// The envelope theorem (a minimum's derivative is that at a fixed code) does not apply: the score weighs errors that the descent does not,
/// and the descent stops before the minimum.
/// </remarks>
/// <param name="decoder">D.</param>
/// <param name="steps">T.</param>
/// <param name="stepSize">η.</param>
internal sealed class Projection(SmoothDecoder decoder, int steps, double stepSize)
{
    /// <summary>The codes z_0 … z_T, constants; the caller disposes them.</summary>
    /// <param name="start">z_0, [B, code size].</param>
    /// <param name="images">x, [B, 3, H, W].</param>
    public IReadOnlyList<Tensor> Descend(Tensor start, Tensor images)
    {
        List<Tensor> codes = [start.detach()];
        for (int t = 0; t < steps; t++)
        {
            using DisposeScope scope = NewDisposeScope();
            codes.Add((codes[t] - stepSize * Gradient(codes[t], images)).MoveToOuterDisposeScope());
        }

        return codes;
    }

    /// <summary>Carries a derivative from the end of the descent back to its start and to the images.</summary>
    /// <param name="codes">What <see cref="Descend"/> gave.</param>
    /// <param name="images">x.</param>
    /// <param name="derivative">With respect to z_T, [B, code size].</param>
    /// <returns>With respect to z_0, and to x by way of the descent alone; the caller disposes them.</returns>
    public (Tensor Start, Tensor Images) PullBack(IReadOnlyList<Tensor> codes, Tensor images, Tensor derivative)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor toCodes = derivative.detach(), toImages = zeros_like(images);
        for (int t = steps - 1; t >= 0; t--)
        {
            using StepScope step = new();
            (Tensor curved, Tensor slope) = HessianTimes(decoder, codes[t], images, toCodes);
            // What the step began with goes at once: otherwise every step would leave images behind until the last.
            using Tensor imagesBefore = toImages, codesBefore = toCodes;
            toImages = (imagesBefore + stepSize * slope).MoveToOuterDisposeScope();
            toCodes = (codesBefore - stepSize * curved).MoveToOuterDisposeScope();
        }

        return (toCodes.MoveToOuterDisposeScope(), toImages.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// H v and J v. H v is the gradient of ⟨D(z) - x, J(z) v⟩ with respect to z, with J v written out as a forward pass of its own: so one
    /// ordinary backward pass is enough.
    /// </summary>
    internal static (Tensor Curved, Tensor Slope) HessianTimes(SmoothDecoder decoder, Tensor codes, Tensor images, Tensor direction)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable recorded = enable_grad();
        Tensor leaf = codes.detach().requires_grad_();
        (Tensor decoded, Tensor slope) = decoder.Along(leaf, direction);
        autograd.backward([((decoded - images) * slope).sum()], inputs: [leaf]);
        return (leaf.grad!.MoveToOuterDisposeScope(), slope.detach().MoveToOuterDisposeScope());
    }

    private Tensor Gradient(Tensor codes, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        // A detector scores without gradients too, but the descent always needs its own.
        using IDisposable recorded = enable_grad();
        Tensor leaf = codes.detach().requires_grad_();
        autograd.backward([(decoder.call(leaf) - images).square().sum() / 2], inputs: [leaf]);
        return leaf.grad!.MoveToOuterDisposeScope();
    }
}
