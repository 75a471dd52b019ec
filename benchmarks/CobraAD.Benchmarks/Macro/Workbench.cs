using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies.Crafting;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>The workloads of one <see cref="Scene"/>: what the library does, the bare passes it needs for that, and the roof.</summary>
internal sealed class Workbench : IDisposable
{
    public const int EvaluationSteps = 10;
    public const int ScoredImages = 64;

    public const string MatrixProduct = "roof: matrix product";
    public const string PointwiseConvolution = "roof: 1×1 convolution";
    public const string KeyPass = "forward, keys";
    public const string AttackPass = "input gradient";
    public const string UnfoldedPass = "input gradient, not folded";
    public const string OuterPass = "parameter gradient";
    public const string TrainingStep = "training step";
    public const string PgdEvaluation = "PGD evaluation";
    public const string EvaluationPass = "score gradient";
    public const string Scoring = "scoring";
    public const string ScoringPass = "forward, scoring";
    public const string Crafting = "Υ, filtered";
    public const string ClassifierPass = "Υ's classifier";
    public const string LightViews = "part: light views";
    public const string UnfilteredCrafting = "part: Υ, unfiltered";

    private const int MatrixSide = 2048;
    private const int BankSize = 1000;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly CobraDetector detector;
    private readonly Ledger ledger;
    private long step;
    private long draw;

    public Workbench(SceneOptions options)
    {
        Scene = new Scene(options);
        Filtered = Scene.Filtered();
        detector = Scene.Detector(BankSize);
        Tensor left = rand(MatrixSide, MatrixSide), right = rand(MatrixSide, MatrixSide);
        Tensor map = rand(1, MatrixSide, 32, MatrixSide / 32), weight = rand(MatrixSide, MatrixSide, 1, 1);
        Tensor images = Scene.Images(Scene.Layout.Samples), views = Scene.Images(2 * Scene.Layout.Samples), all = Scene.Images(Scene.Layout.Rows);
        Tensor scored = Scene.Images(ScoredImages);
        ledger = Ledger.Open(detector, images, new bool[Scene.Layout.Samples], new ThreatModel(Norm.Linf, 4 / 255.0));
        Pgd pgd = new() { Steps = EvaluationSteps, IncludeFgsm = false };
        ConvolutionWork work = ConvolutionWork.Of(Scene.Network, options.Side);
        const double product = 2.0 * MatrixSide * MatrixSide * MatrixSide;

        Workloads =
        [
            // Two libraries multiply matrices here, MKL and oneDNN; which one is faster depends on the processor.
            new(MatrixProduct, () => left.mm(right).Dispose(), product, 4),
            new(PointwiseConvolution, () => nn.functional.conv2d(map, weight).Dispose(), product, 4),
            new(KeyPass, () => Passes.Forward(Scene.Folded, views), work.Forward * views.size(0)),
            new(AttackPass, () => Passes.InputGradient(Scene.Folded, images), work.InputGradient * images.size(0), 2),
            new(UnfoldedPass, () => Passes.InputGradient(Scene.Network, images), work.InputGradient * images.size(0)),
            new(OuterPass, () => Passes.ParameterGradient(Scene.Network, all), work.ParameterGradient * all.size(0)),
            new("parameter gradient in parts", () => Passes.ParameterGradientInParts(Scene.Network, all), work.ParameterGradient * all.size(0)),
            // The second epoch: the first step of each measures the attack's gain with one more pass.
            new(TrainingStep, () => Scene.Step.Run(Scene.Normals, Scene.Attack, 1e-3, 1, (int)++step)),
            new(EvaluationPass, () => ScoreGradient(detector, images), Repetitions: 2),
            new(PgdEvaluation, () => pgd.Run(new AttackContext(detector, ledger, Scene.Streams))),
            new(ScoringPass, () => Passes.Forward(Scene.Folded, scored), work.Forward * ScoredImages),
            new(Scoring, () => Score(detector, scored)),
            new(ClassifierPass, () => Filtered.PValues(Scene.Normals).Dispose(), Repetitions: 2),
            new(Crafting, () => Craft(Filtered, Scene, ++draw)),
            new(LightViews, () => Views(Scene, images), Repetitions: 4),
            new(UnfilteredCrafting, () => Craft(Scene.Unfiltered, Scene, ++draw), Repetitions: 4),
            new("part: input gradient of the stem", () => Passes.StemGradient(Scene.Folded, images), Repetitions: 4),
            new("bfloat16: input gradient", () => InBFloat16(Scene.Folded, network => Passes.InputGradient(network, images))),
            new("bfloat16: parameter gradient", () => InBFloat16(Scene.Network, network => Passes.ParameterGradient(network, all))),
            new("part: folding", () => Scene.Network.Fold().Dispose(), Repetitions: 4),
            new("part: inner objective", () => InnerObjective(Scene), Repetitions: 10),
            new("part: outer objective", () => OuterObjective(Scene), Repetitions: 10),
            new("part: optimiser", () => Optimize(Scene), Repetitions: 4),
            new("part: bank search", () => Search(detector, scored), Repetitions: 10),
        ];
    }

    public Scene Scene { get; }

    /// <summary>Υ with its filter.</summary>
    public PseudoAnomalyGenerator Filtered { get; }

    public IReadOnlyList<Workload> Workloads { get; }

    public void Dispose()
    {
        ledger.Dispose();
        detector.Dispose();
        Filtered.Dispose();
        Scene.Dispose();
        scope.Dispose();
    }

    private static void InBFloat16(CobraNetwork network, Action<CobraNetwork> pass)
    {
        network.BFloat16 = true;
        pass(network);
        network.BFloat16 = false;
    }

    private static void ScoreGradient(CobraDetector detector, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = images.detach().requires_grad_();
        autograd.backward([detector.Score(leaf).sum()], inputs: [leaf]);
    }

    private static void Score(CobraDetector detector, Tensor images)
    {
        using IDisposable frozen = no_grad();
        detector.Score(images).Dispose();
    }

    private static void Craft(PseudoAnomalyGenerator source, Scene scene, long draw)
    {
        using Generator rng = scene.Streams.Create("craft", draw);
        source.Craft(scene.Normals, rng).Dispose();
    }

    private static void Views(Scene scene, Tensor images)
    {
        using IDisposable frozen = no_grad();
        using Generator rng = scene.Streams.Create("views");
        scene.Light.Apply(images, rng).Dispose();
        scene.Light.Apply(images, rng).Dispose();
    }

    private static void InnerObjective(Scene scene)
    {
        using DisposeScope scope = NewDisposeScope();
        int samples = scene.Layout.Samples;
        Tensor embeddings = randn(samples, 128).requires_grad_(), logits = randn(samples, 2).requires_grad_();
        scene.Objective.Inner(embeddings, logits, randn(2 * samples, 128), scene.Layout).sum().backward();
    }

    private static void OuterObjective(Scene scene)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = randn(scene.Layout.Rows, 128).requires_grad_(), logits = randn(scene.Layout.Rows, 2).requires_grad_();
        scene.Objective.Outer(embeddings, logits, scene.Layout).Total.backward();
    }

    private static void Optimize(Scene scene)
    {
        foreach (TorchSharp.Modules.Parameter parameter in scene.Network.parameters()) parameter.grad ??= zeros_like(parameter);
        scene.Optimizer.LearningRate = 0;
        scene.Optimizer.Step();
    }

    private static void Search(CobraDetector detector, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        detector.Bank.MostSimilar(randn(images.size(0), detector.Bank.Dimension), 1);
    }
}
