using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>
/// The loss of one training step of the released code (docs/reference/methods/released.md, training): two light views of every image under every shift,
/// three attacks on them, NT-Xent over the views and two of the attacks, cross-entropy of the shift over the views and the third.
/// </summary>
internal sealed class ReleasedStep(CobraNetwork network, ReleasedOptions options, ShiftViews views, RandomStreams streams)
{
    private const int ContrastedViews = 4;

    /// <summary>Added in the code's losses; NT-Xent is then capped at -ln 1e-8.</summary>
    private const double Stabilizer = 1e-8;

    private readonly InnerMaximization attack = new(options.Attack);
    private readonly ContrastiveLoss contrastive = ContrastiveLosses.Create(new ContrastiveLossOptions { Name = "ntxent", Temperature = options.Temperature, Stabilizer = Stabilizer });

    /// <summary>The loss, ready to be differentiated; the caller disposes it.</summary>
    public Tensor Loss(EpochBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        int pairs = (int)batch.Images.size(0), rows = options.Shifts * pairs;
        (Tensor first, Tensor second) = Views(batch);
        Tensor labels = arange(options.Shifts, ScalarType.Int64, first.device).repeat_interleave(pairs);
        ReleasedAttacks attacked = Attack(first, second, labels, batch.Step);

        network.train();
        CobraOutput contrasted = network.call(cat([first, second, attacked.FromPositive, attacked.ToOpposite]));
        // A pass of its own, as in the code: the batch's statistics are those of these images alone.
        CobraOutput classified = network.call(attacked.ToOtherShift);
        Tensor likeness = contrastive.Outer(contrasted.Embeddings, new PairLayout(rows, ContrastedViews) { HasAnomalies = false });
        Tensor shifts = ClassificationLoss.Value(cat([contrasted.Logits.narrow(0, 0, 2 * rows), classified.Logits]), labels.repeat(3));
        return (likeness + shifts).MoveToOuterDisposeScope();
    }

    /// <summary>Which shift each shift's images are pulled to: a single cycle through all of them, so none stays where it is.</summary>
    internal static long[] Cycle(int shifts, Generator rng)
    {
        using Tensor order = randperm(shifts, ScalarType.Int64, CPU, generator: rng);
        long[] visited = order.data<long>().ToArray();
        long[] next = new long[shifts];
        for (int i = 0; i < shifts; i++) next[visited[i]] = visited[(i + 1) % shifts];
        return next;
    }

    private (Tensor First, Tensor Second) Views(EpochBatch batch)
    {
        using IDisposable frozen = no_grad();
        using Generator rng = streams.Create("views", batch.Step);
        return (views.Draw(batch.Images, rng), views.Draw(batch.Images, rng));
    }

    /// <summary>The three attacks on two views [K b, 3, H, W]; the network stays as it is.</summary>
    internal ReleasedAttacks Attack(Tensor first, Tensor second, Tensor labels, long step)
    {
        // In evaluation mode, with the normalisations folded into the convolutions: the same numbers up to rounding, and faster.
        using CobraNetwork folded = network.Fold();
        using Generator rng = streams.Create("attack", step);
        Tensor positives, opposites;
        using (no_grad())
        {
            positives = folded.Embed(second);
            Tensor groups = tensor(Cycle(options.Shifts, rng)).to(positives.device);
            opposites = positives.view(options.Shifts, -1, positives.size(1)).index_select(0, groups).flatten(0, 1);
        }

        return new ReleasedAttacks(
            Climb(second, images => -ReleasedAttackLoss.Value(folded.Embed(images), opposites, options.Temperature)),
            Climb(first, images => ReleasedAttackLoss.Value(folded.Embed(images), positives, options.Temperature)),
            Climb(second, images => ClassificationLoss.PerRow(folded.call(images).Logits, labels)));

        Tensor Climb(Tensor from, Func<Tensor, Tensor> objective) => attack.Climb(from, images => objective(images).reshape(-1), rng, measureEnd: false).Images;
    }
}

/// <summary>The three attacked copies of a batch, [K b, 3, H, W] each.</summary>
/// <param name="ToOpposite">ATNT: the second view, moved to resemble the same image under another shift.</param>
/// <param name="FromPositive">ATPT: the first view, moved away from the second.</param>
/// <param name="ToOtherShift">RTP: the second view, moved to be taken for another shift.</param>
internal readonly record struct ReleasedAttacks(Tensor ToOpposite, Tensor FromPositive, Tensor ToOtherShift);
