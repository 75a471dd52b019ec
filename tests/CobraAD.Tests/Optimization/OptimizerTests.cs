using System.Text.Json;
using CobraAD.Optimization;
using CobraAD.Tests.Golden;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace CobraAD.Tests.Optimization;

public sealed class OptimizerTests
{
    public static TheoryData<string> AllNames => [.. Optimizers.Names];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Lars_and_sgd_take_the_steps_of_the_golden_file(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("optimizer_lars_sgd.json").GetProperty("cases")[index];
        (string Name, Parameter Parameter)[] parameters = [.. golden.GetProperty("initial_params").EnumerateArray().Select((value, i) => ($"p{i}", new Parameter(value.Array())))];
        using Optimizer optimizer = Optimizers.Create(
            new OptimizerOptions { Name = golden.GetProperty("kind").GetString()!, WeightDecay = golden.GetProperty("weight_decay").GetDouble(), Momentum = golden.GetProperty("momentum").GetDouble() },
            parameters);

        foreach ((JsonElement step, JsonElement gradients) in golden.GetProperty("steps").EnumerateArray().Zip(golden.GetProperty("grads_per_step").EnumerateArray()))
        {
            foreach ((JsonElement gradient, (_, Parameter parameter)) in gradients.EnumerateArray().Zip(parameters)) parameter.grad = gradient.Array();
            optimizer.LearningRate = step.GetProperty("lr").GetDouble();

            optimizer.Step();

            IReadOnlyDictionary<string, Tensor> state = optimizer.SaveState();
            for (int i = 0; i < parameters.Length; i++)
            {
                TensorAssert.Close(step.GetProperty("params")[i].Array(), parameters[i].Parameter, 1e-12);
                TensorAssert.Close(step.GetProperty("momentum_buffers")[i].Array(), state[$"momentum.p{i}"], 1e-12);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Adam_takes_the_steps_of_the_framework(double weightDecay)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter ours = new(Random(1, 3, 4));
        Parameter theirs = new(Random(1, 3, 4));
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = weightDecay }, [("w", ours)]);
        using optim.Optimizer reference = optim.Adam([theirs], lr: 0.01, weight_decay: weightDecay);

        for (int step = 0; step < 5; step++)
        {
            ours.grad = Random(10 + step, 3, 4);
            theirs.grad = Random(10 + step, 3, 4);
            optimizer.LearningRate = 0.01;
            optimizer.Step();
            reference.step();
        }

        TensorAssert.Close(theirs, ours, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Rmsprop_takes_the_steps_of_the_framework(double weightDecay)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter ours = new(Random(1, 3, 4));
        Parameter theirs = new(Random(1, 3, 4));
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "rmsprop", Beta2 = 0.9, Epsilon = 1e-7, WeightDecay = weightDecay }, [("w", ours)]);
        using optim.Optimizer reference = optim.RMSProp([theirs], lr: 0.01, alpha: 0.9, eps: 1e-7, weight_decay: weightDecay);

        for (int step = 0; step < 5; step++)
        {
            ours.grad = Random(10 + step, 3, 4);
            theirs.grad = Random(10 + step, 3, 4);
            optimizer.LearningRate = 0.01;
            optimizer.Step();
            reference.step();
        }

        TensorAssert.Close(theirs, ours, 1e-12);
    }

    [Fact]
    public void The_first_lars_step_is_at_most_the_trusted_fraction_of_the_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (double scale in new[] { 1e-6, 1.0, 1e6 })
        {
            Parameter parameter = new(Random(2, 5, 7) * scale);
            Tensor before = parameter.detach().clone();
            parameter.grad = Random(3, 5, 7);
            using Optimizer optimizer = Optimizers.Create(new OptimizerOptions(), [("w", parameter)]);
            optimizer.LearningRate = 0.7;

            optimizer.Step();

            double moved = (parameter - before).norm().item<double>();
            Assert.InRange(moved, 0, 0.7 * 0.001 * before.norm().item<double>() * (1 + 1e-6));
            Assert.True(moved > 0);
        }
    }

    [Fact]
    public void Excluded_vectors_take_a_plain_step_without_decay()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter bias = new(ones(2, float64));
        bias.grad = tensor(new[] { 1.0, -2.0 });
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { ExcludeVectors = true, WeightDecay = 0.5 }, [("b", bias)]);
        optimizer.LearningRate = 0.1;

        optimizer.Step();

        TensorAssert.Close(tensor(new[] { 0.9, 1.2 }), bias, 1e-15);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void A_resumed_run_continues_to_the_same_bits(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter whole = new(Random(1, 3, 4));
        Parameter broken = new(Random(1, 3, 4));
        using Optimizer first = Optimizers.Create(new OptimizerOptions { Name = name }, [("w", whole)]);
        using Optimizer before = Optimizers.Create(new OptimizerOptions { Name = name }, [("w", broken)]);
        using Optimizer after = Optimizers.Create(new OptimizerOptions { Name = name }, [("w", broken)]);

        Run(first, whole, 0, 6);
        Run(before, broken, 0, 3);
        after.LoadState(before.SaveState());
        Run(after, broken, 3, 6);

        TensorAssert.SameBits(whole, broken);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Parameters_without_a_gradient_stay_as_they_are(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter parameter = new(Random(1, 3, 4));
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = name }, [("w", parameter)]);
        optimizer.LearningRate = 1;
        parameter.grad = Random(2, 3, 4);
        optimizer.ZeroGradients();

        optimizer.Step();

        TensorAssert.SameBits(Random(1, 3, 4), parameter);
    }

    [Theory]
    [InlineData("adam", "sgd", 3)]
    [InlineData("sgd", "adam", 3)]
    [InlineData("sgd", "sgd", 2)]
    public void The_state_of_another_optimiser_or_network_is_refused(string from, string to, int rows)
    {
        using DisposeScope scope = NewDisposeScope();
        using Optimizer source = Optimizers.Create(new OptimizerOptions { Name = from }, [("w", new Parameter(ones(3, 4)))]);
        using Optimizer target = Optimizers.Create(new OptimizerOptions { Name = to }, [("w", new Parameter(ones(rows, 4)))]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => target.LoadState(source.SaveState()));

        Assert.Contains(".w'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stepping_leaves_no_tensors_behind()
    {
        Parameter parameter = new(Random(1, 3, 4));
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions(), [("w", parameter)]);
        using Tensor gradient = Random(2, 3, 4);
        parameter.grad = gradient;
        optimizer.Step();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        for (int i = 0; i < 5; i++) optimizer.Step();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static void Run(Optimizer optimizer, Parameter parameter, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            parameter.grad = Random(step, 3, 4);
            optimizer.LearningRate = 0.1 * (step + 1);
            optimizer.Step();
        }
    }

    private static Tensor Random(long seed, params long[] shape)
    {
        using Generator rng = new RandomStreams(seed).Create("optimizer test");
        return randn(shape, dtype: float64, generator: rng);
    }
}
