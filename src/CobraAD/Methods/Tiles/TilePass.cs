using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// A function of all tiles of an image, with its exact gradient, in memory that does not grow with the image: tiles are gone through in parts.
/// </summary>
/// <remarks>
/// <para>
/// S(x) = R(s(t₁), …, s(tₚ)), with tiles tᵢ that are cut from x. What fits into one part is differentiated as it stands. Otherwise a first
/// pass without a graph gives all s(tᵢ), R gives the weights wᵢ = ∂R/∂sᵢ there, and a second pass cuts each part again and carries
/// Σ wᵢ ∂s(tᵢ)/∂tᵢ back to the pixels, where overlapping tiles add up: the chain rule, sum by sum.
/// </para>
/// <para>
/// The result is S + ⟨∇S, x - x̄⟩ with x̄ the same point held fixed: the second term is zero and has the gradient ∇S, so whoever goes back
/// through the score meets the exact gradient. Second derivatives are not those of S; no attack takes any.
/// </para>
/// </remarks>
/// <param name="side">Side of a tile in pixels.</param>
/// <param name="places">Where the tiles lie.</param>
/// <param name="partPixels">Pixels of the tiles of a part.</param>
internal sealed class TilePass(int side, IReadOnlyList<(int Top, int Left)> places, int partPixels = TilePass.PartPixels)
{
    /// <summary>
    /// Pixels of the tiles that are in a network at a time, with everything that it remembers of them for the way back: five tiles of 224 px.
    /// With ResNet-18 that is about 0.6 GB at most with the stem for large images, 1 GB with the one for small images.
    /// </summary>
    internal const int PartPixels = 1 << 18;

    private int PartSize => Math.Max(1, partPixels / (side * side));

    /// <summary>The score of every tile without a gradient, float64 [B, places]; the caller disposes it.</summary>
    /// <param name="score">Tiles [n, 3, side, side] to [n].</param>
    /// <param name="images">[B, 3, H, W].</param>
    public Tensor Scores(Func<Tensor, Tensor> score, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor> parts = [];
        foreach ((int start, int count) in Parts(images))
        {
            using DisposeScope part = NewDisposeScope();
            parts.Add(score(Cut(images, start, count)).to(ScalarType.Float64).MoveToOuterDisposeScope());
        }

        return cat(parts).view(images.size(0), places.Count).MoveToOuterDisposeScope();
    }

    /// <summary>R of the scores of all tiles, differentiable where a gradient is asked for; the caller disposes it.</summary>
    /// <param name="score">Tiles [n, 3, side, side] to [n], each of which depends on its own tile alone.</param>
    /// <param name="reduce">R: float64 [B, places] to [B], each row by itself.</param>
    /// <param name="images">[B, 3, H, W].</param>
    /// <returns>float64 [B].</returns>
    public Tensor Reduce(Func<Tensor, Tensor> score, Func<Tensor, Tensor> reduce, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!is_grad_enabled() || !images.requires_grad) return reduce(Scores(score, images)).MoveToOuterDisposeScope();
        int all = (int)images.size(0) * places.Count;
        if (all <= PartSize) return reduce(score(Cut(images, 0, all)).to(ScalarType.Float64).view(images.size(0), places.Count)).MoveToOuterDisposeScope();

        Tensor point = images.detach();
        Tensor scores = Scores(score, point).requires_grad_();
        Tensor value = reduce(scores);
        autograd.backward([value.sum()], inputs: [scores]);
        Tensor gradient = Gradient(score, point, scores.grad!.flatten());
        return (value.detach() + ((images - point) * gradient).sum([1, 2, 3])).MoveToOuterDisposeScope();
    }

    /// <summary>Σ wᵢ ∂s(tᵢ)/∂x, [B, 3, H, W].</summary>
    private Tensor Gradient(Func<Tensor, Tensor> score, Tensor images, Tensor weights)
    {
        Tensor gradient = zeros_like(images);
        foreach ((int start, int count) in Parts(images))
        {
            using DisposeScope part = NewDisposeScope();
            Tensor tiles = Cut(images, start, count).requires_grad_();
            autograd.backward([(score(tiles).to(ScalarType.Float64) * weights.narrow(0, start, count)).sum()], inputs: [tiles]);
            if (tiles.grad is not { } carried) continue;
            for (int i = 0; i < count; i++) At(gradient, start + i).add_(carried.narrow(0, i, 1));
        }

        return gradient;
    }

    private Tensor Cut(Tensor images, int start, int count) => cat([.. Enumerable.Range(start, count).Select(i => At(images, i))]);

    /// <summary>A view of one tile; tiles are counted image by image.</summary>
    private Tensor At(Tensor images, int index)
    {
        (int image, int place) = Math.DivRem(index, places.Count);
        return images.narrow(0, image, 1).narrow(2, places[place].Top, side).narrow(3, places[place].Left, side);
    }

    private IEnumerable<(int Start, int Count)> Parts(Tensor images)
    {
        int all = (int)images.size(0) * places.Count;
        for (int start = 0; start < all; start += PartSize) yield return (start, Math.Min(PartSize, all - start));
    }
}
