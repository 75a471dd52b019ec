using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Choice;

/// <summary>
/// An attack on several scores of one network at once: each score is climbed in turn, and every point on the way counts for all of them, so
/// that each is a surrogate for every other. Steps go along the sign of a running mean of the gradient (momentum, as in MI-FGSM and
/// Auto-PGD), with a length that falls from 2ε to 0.
/// </summary>
/// <param name="network">In evaluation mode.</param>
/// <param name="bank">The bank of the scores.</param>
/// <param name="forms">The scores.</param>
internal sealed class SharedAscent(CobraNetwork network, EmbeddingBank bank, IReadOnlyList<ScoreForm> forms)
{
    private const double Momentum = 0.6;

    /// <summary>The scores of images as they are, float64 [forms, B].</summary>
    public Tensor Scores(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Stacked(new ScoreInput(network.call(images), bank, LeftOut: 0)).MoveToOuterDisposeScope();
    }

    /// <summary>The largest or smallest scores that an attacker reaches, float64 [forms, B]. Untouched images count too.</summary>
    /// <param name="images">[B, 3, H, W].</param>
    /// <param name="sign">+1 to raise scores, as an attacker does with good images, -1 to lower them.</param>
    /// <param name="epsilon">ε of the ℓ∞ ball.</param>
    /// <param name="steps">Gradient steps for each score.</param>
    /// <param name="rng">CPU generator of the random starts.</param>
    public Tensor Worst(Tensor images, int sign, double epsilon, int steps, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor worst;
        using (no_grad()) worst = Scores(images) * sign;
        for (int form = 0; form < forms.Count; form++) Climb(worst, images, sign, form, epsilon, steps, rng);
        return (worst * sign).MoveToOuterDisposeScope();
    }

    /// <summary>Climbs one score, and keeps the best that each score gets of the points on the way.</summary>
    /// <param name="worst">The best so far times the sign, [forms, B]; raised in place.</param>
    /// <param name="images">[B, 3, H, W].</param>
    /// <param name="sign">+1 to raise scores, -1 to lower them.</param>
    /// <param name="form">Which score.</param>
    /// <param name="epsilon">ε of the ℓ∞ ball.</param>
    /// <param name="steps">Gradient steps.</param>
    /// <param name="rng">CPU generator of the random start.</param>
    public void Climb(Tensor worst, Tensor images, int sign, int form, double epsilon, int steps, Generator rng)
    {
        using DisposeScope climb = NewDisposeScope();
        using EpsilonBox box = new(images, epsilon);
        Tensor point = box.Start(StartingPoint.Uniform, rng), direction = zeros_like(point);
        for (int step = 0; step < steps; step++)
        {
            using StepScope stepScope = new();
            Tensor leaf = point.detach().requires_grad_();
            ScoreInput input = new(network.call(leaf), bank, LeftOut: 0);
            autograd.backward([(forms[form].Of(input) * sign).sum()], inputs: [leaf]);
            using (no_grad()) worst.copy_(maximum(worst, Stacked(input) * sign));
            Tensor gradient = leaf.grad!;
            direction.mul_(Momentum).add_(gradient / gradient.abs().mean([1L, 2, 3], keepdim: true).clamp_min(float.Epsilon));
            box.Move(point, direction.sign(), epsilon * (1 + Math.Cos(Math.PI * step / steps)));
        }

        using (no_grad()) worst.copy_(maximum(worst, Scores(point) * sign));
    }

    private Tensor Stacked(ScoreInput input) => stack(forms.Select(form => form.Of(input)));
}
