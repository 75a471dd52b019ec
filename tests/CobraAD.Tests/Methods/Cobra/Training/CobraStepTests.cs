using CobraAD.Losses;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;
using OptimizerOptions = CobraAD.Optimization.OptimizerOptions;
using Parameter = TorchSharp.Modules.Parameter;

namespace CobraAD.Tests.Methods.Cobra.Training;

/// <summary>Single updates w ← w - η g without momentum, against the same written out with a second network of the same weights.</summary>
public sealed class CobraStepTests : IDisposable
{
    private const double Rate = 0.5, Share = 0.05;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly CobraNetwork network = Fresh(), twin = Fresh();
    private readonly PairLayout layout = new(4, 3);
    private readonly CobraObjective objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));
    private readonly Tensor light, attacked;

    public CobraStepTests()
    {
        using Generator rng = new(3, CPU);
        light = rand([2 * layout.Samples, 3, 16, 16], generator: rng);
        // Darker, so that their statistics are others.
        attacked = rand([layout.Samples, 3, 16, 16], generator: rng) / 2;
    }

    public void Dispose()
    {
        network.Dispose();
        twin.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void A_perturbed_update_takes_the_gradient_where_the_loss_is_worse_and_descends_from_where_the_weights_are()
    {
        Tensor views = cat([light, attacked]);
        Parameter[] weights = [.. twin.parameters()];
        Tensor[] before = [.. weights.Select(weight => weight.detach().clone())];
        double here = Backward(() => twin.call(views));
        using (no_grad())
        {
            foreach (Parameter weight in weights.Where(weight => weight.dim() > 1)) weight.add_(weight.grad! * (Share * weight.norm() / weight.grad!.norm()));
        }

        double there = Backward(() => twin.call(views));
        using (no_grad())
        {
            foreach ((Parameter weight, Tensor start) in weights.Zip(before)) weight.copy_(start - Rate * weight.grad!);
        }

        Update(perturbation: Share, apart: false);

        Assert.True(there > here, $"The loss went from {here} to {there}.");
        RequireEqual(Weights(twin), Weights(network));
    }

    [Fact]
    public void The_statistics_of_a_perturbed_update_move_once()
    {
        Update(perturbation: Share, apart: false);

        Assert.All(network.named_buffers().Where(entry => entry.name.EndsWith("num_batches_tracked", StringComparison.Ordinal)), entry => Assert.Equal(1, entry.buffer.item<long>()));
    }

    [Fact]
    public void Apart_light_and_attacked_views_are_normalised_over_batches_of_their_own()
    {
        Backward(() =>
        {
            CobraOutput first = twin.call(light), second = twin.call(attacked);
            return new CobraOutput(
                cat([first.Features, second.Features]), cat([first.Embeddings, second.Embeddings]), cat([first.Logits, second.Logits]), cat([first.MemberLogits, second.MemberLogits]));
        });
        using (no_grad())
        {
            foreach (Parameter weight in twin.parameters()) weight.add_(weight.grad!, alpha: -Rate);
        }

        Update(perturbation: 0, apart: true);

        RequireEqual(twin.state_dict(), network.state_dict());
    }

    private static CobraNetwork Fresh()
    {
        using Generator rng = new(5, CPU);
        return new CobraNetwork(SmallTraining.Options.Network, rng);
    }

    private static Dictionary<string, Tensor> Weights(CobraNetwork of) => of.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter);

    private static void RequireEqual(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual) => Assert.All(
        expected, entry => Assert.True(entry.Value.allclose(actual[entry.Key], 1e-4, 1e-6), $"{entry.Key} differs by {(entry.Value - actual[entry.Key]).abs().max().to(ScalarType.Float64).item<double>()}."));

    /// <summary>The loss of a pass of the twin, whose gradients it leaves.</summary>
    private double Backward(Func<CobraOutput> pass)
    {
        twin.train();
        twin.zero_grad();
        CobraOutput output = pass();
        Tensor loss = objective.Outer(output.Embeddings, output.Logits, layout).Total;
        loss.backward();
        return loss.item<float>();
    }

    private void Update(double perturbation, bool apart)
    {
        OptimizerOptions plain = new() { Name = "sgd", Momentum = 0, WeightDecay = 0 };
        using Optimizer optimizer = Optimizers.Create(plain, network.named_parameters());
        using PseudoAnomalySupply none = new(null, new PseudoAnomalyOptions(), PseudoAnomalyStatistics.None);
        CobraStep step = new(network, none, new LightAugmentation(new LightAugmentationOptions()), objective, optimizer, new RandomStreams(1), rowsAtOnce: 0)
        {
            WeightPerturbation = perturbation,
            SeparateStatistics = apart,
        };
        step.Update(cat([light, attacked]), new StepRows(light, null, layout, objective, null), Rate);
    }
}
