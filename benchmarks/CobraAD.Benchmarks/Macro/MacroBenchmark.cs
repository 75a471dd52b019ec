using CobraAD.Attacks;
using CobraAD.Detection.Cobra;
using CobraAD.PseudoAnomalies;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// What training steps, attack steps and scoring cost beside the passes through the network that they cannot do without, and what
/// those passes cost beside the largest rate at which this process multiplies matrices.
/// </summary>
internal sealed class MacroBenchmark(SceneOptions options, int rounds, IReadOnlyList<string> filters, TextWriter output, TextWriter log)
{
    private const int MatrixSide = 2048;
    private const int BankSize = 1000;
    private const int ScoredImages = 64;
    private const int EvaluationSteps = 10;

    private const string Roof = "matrix product";
    private const string KeyPass = "forward, keys";
    private const string AttackPass = "input gradient";
    private const string UnfoldedPass = "input gradient, not folded";
    private const string OuterPass = "parameter gradient";
    private const string Step = "training step";
    private const string Evaluation = "PGD evaluation";
    private const string EvaluationPass = "score gradient";
    private const string Scoring = "scoring";
    private const string ScoringPass = "forward, scoring";
    private const string Crafting = "Υ, filtered";
    private const string ClassifierPass = "Υ's classifier";

    public void Run()
    {
        using Scene scene = new(options);
        using PseudoAnomalyGenerator filtered = scene.Filtered();
        using CobraDetector detector = scene.Detector(BankSize);
        using Tensor left = rand(MatrixSide, MatrixSide), right = rand(MatrixSide, MatrixSide);
        using Tensor images = scene.Images(scene.Layout.Samples), views = scene.Images(2 * scene.Layout.Samples), all = scene.Images(scene.Layout.Rows);
        using Tensor scored = scene.Images(ScoredImages);
        using Ledger ledger = Ledger.Open(detector, images, new bool[scene.Layout.Samples], new ThreatModel(Norm.Linf, 4 / 255.0));
        Pgd pgd = new() { Steps = EvaluationSteps, IncludeFgsm = false };
        ConvolutionWork work = ConvolutionWork.Of(scene.Network, options.Side);
        long step = 0, draw = 0;

        Workload[] workloads =
        [
            new(Roof, () => left.mm(right).Dispose(), 2.0 * MatrixSide * MatrixSide * MatrixSide, 4),
            new(KeyPass, () => Passes.Forward(scene.Folded, views), work.Forward * views.size(0)),
            new(AttackPass, () => Passes.InputGradient(scene.Folded, images), work.InputGradient * images.size(0), 2),
            new(UnfoldedPass, () => Passes.InputGradient(scene.Network, images), work.InputGradient * images.size(0)),
            new(OuterPass, () => Passes.ParameterGradient(scene.Network, all), work.ParameterGradient * all.size(0)),
            // The second epoch: the first step of each measures the attack's gain with one more pass.
            new(Step, () => scene.Step.Run(scene.Normals, 1e-3, 1, (int)++step)),
            new(EvaluationPass, () => ScoreGradient(detector, images), Repetitions: 2),
            new(Evaluation, () => pgd.Run(new AttackContext(detector, ledger, scene.Streams))),
            new(ScoringPass, () => Passes.Forward(scene.Folded, scored), work.Forward * ScoredImages),
            new(Scoring, () => Score(detector, scored)),
            new(ClassifierPass, () => filtered.PValues(scene.Normals).Dispose(), Repetitions: 2),
            new(Crafting, () => Craft(filtered, scene, ++draw)),
            new("part: light views", () => Views(scene, images), Repetitions: 4),
            new("part: Υ, unfiltered", () => Craft(scene.Unfiltered, scene, ++draw), Repetitions: 4),
            new("part: folding", () => scene.Network.Fold().Dispose(), Repetitions: 4),
            new("part: inner objective", () => InnerObjective(scene), Repetitions: 10),
            new("part: outer objective", () => OuterObjective(scene), Repetitions: 10),
            new("part: optimiser", () => Optimize(scene), Repetitions: 4),
            new("part: bank search", () => Search(detector, scored), Repetitions: 10),
        ];

        Workload[] chosen = [.. workloads.Where(workload => filters.Count == 0 || filters.Any(filter => workload.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))];
        RoundRobin turns = new(chosen, rounds, log);
        PseudoAnomalyStatistics before = filtered.Statistics;
        turns.Run();
        PseudoAnomalyStatistics crafted = filtered.Statistics - before;
        Print(turns, chosen);
        if (filters.Count == 0) PrintRatios(turns, scene.Training.Attack!.Steps, crafted);
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

    private void Print(RoundRobin turns, IEnumerable<Workload> workloads)
    {
        output.WriteLine();
        output.WriteLine("| what | processor seconds, median (least-most) | wall seconds | GFLOP/s by processor time and thread | by wall time |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (Workload workload in workloads)
        {
            Series processor = turns.Processor(workload.Name), wall = turns.Wall(workload.Name);
            // With two threads at work a second of the processor is half a second of the run.
            string rates = workload.Work == 0 ? "| " : $"{workload.Work / processor.Least / 1e9:F0} | {workload.Work / wall.Least / 1e9:F0} ";
            output.WriteLine($"| {workload.Name} | {processor} | {wall} | {rates}|");
        }
    }

    private void PrintRatios(RoundRobin turns, int attackSteps, PseudoAnomalyStatistics crafted)
    {
        output.WriteLine();
        output.WriteLine("| ratio, round by round | by processor time, median (least-most) | by wall time |");
        output.WriteLine("|---|---|---|");
        // The classifier is timed on as many images as there are normals.
        double classifierPasses = (double)crafted.Candidates / ((rounds + 1) * options.Normals);
        Write("training step / its passes (folded attack)", time => time(Step) / (time(KeyPass) + attackSteps * time(AttackPass) + time(OuterPass)));
        Write("training step / its passes (attack not folded)", time => time(Step) / (time(KeyPass) + attackSteps * time(UnfoldedPass) + time(OuterPass)));
        Write("input gradient, folded / not folded", time => time(AttackPass) / time(UnfoldedPass));
        Write("PGD evaluation / its passes", time => time(Evaluation) / (EvaluationSteps * time(EvaluationPass) + options.Normals * 2.0 / ScoredImages * time(ScoringPass)));
        Write("PGD evaluation / bare network passes", time => time(Evaluation) / (EvaluationSteps * time(AttackPass) + options.Normals * 2.0 / ScoredImages * time(ScoringPass)));
        Write("scoring / forward pass", time => time(Scoring) / time(ScoringPass));
        Write($"Υ, filtered / its classifier passes ({classifierPasses:F1} each)", time => time(Crafting) / (classifierPasses * time(ClassifierPass)));
        Write("light views and unfiltered Υ / training step", time => (time("part: light views") + time("part: Υ, unfiltered")) / time(Step));

        void Write(string name, Func<Func<string, Series>, Series> ratio) =>
            output.WriteLine($"| {name} | {ratio(turns.Processor)} | {ratio(turns.Wall)} |");
    }
}
