using CobraAD.PseudoAnomalies;
using static CobraAD.Benchmarks.Macro.Workbench;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// What training steps, attack steps and scoring cost beside the passes through the network that they cannot do without, and what
/// those passes cost beside the largest rate at which this process multiplies matrices.
/// </summary>
internal sealed class MacroBenchmark(SceneOptions options, int rounds, IReadOnlyList<string> filters, TextWriter output, TextWriter log)
{
    public void Run()
    {
        using Workbench bench = new(options);
        Workload[] chosen = [.. bench.Workloads.Where(workload => filters.Count == 0 || filters.Any(filter => workload.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))];
        RoundRobin turns = new(chosen, rounds, log);
        PseudoAnomalyStatistics before = bench.Filtered.Statistics;
        turns.Run();
        PseudoAnomalyStatistics crafted = bench.Filtered.Statistics - before;
        Print(turns, chosen);
        if (filters.Count == 0) PrintRatios(turns, chosen, bench.Scene.Training.Attack!.Steps, crafted);
    }

    private void Print(RoundRobin turns, IEnumerable<Workload> workloads)
    {
        output.WriteLine();
        output.WriteLine("| what | processor seconds, median (least-most) | wall seconds | GFLOP/s of one thread, best | GFLOP/s, best |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (Workload workload in workloads)
        {
            Series processor = turns.Processor(workload.Name), wall = turns.Wall(workload.Name);
            // With two threads at work a second of the processor is half a second of the run.
            string rates = workload.Work == 0 ? "| " : $"{workload.Work / processor.Least / 1e9:F0} | {workload.Work / wall.Least / 1e9:F0} ";
            output.WriteLine($"| {workload.Name} | {processor} | {wall} | {rates}|");
        }
    }

    private void PrintRatios(RoundRobin turns, IReadOnlyList<Workload> workloads, int attackSteps, PseudoAnomalyStatistics crafted)
    {
        output.WriteLine();
        output.WriteLine("| ratio, round by round | by processor time, median (least-most) | by wall time |");
        output.WriteLine("|---|---|---|");
        // The classifier is timed on as many images as there are normals.
        double classifierPasses = (double)crafted.Candidates / ((rounds + 1) * options.Normals);
        Write("training step / its passes (folded attack)", time => time(TrainingStep) / (time(KeyPass) + attackSteps * time(AttackPass) + time(OuterPass)));
        Write("training step / its passes (attack not folded)", time => time(TrainingStep) / (time(KeyPass) + attackSteps * time(UnfoldedPass) + time(OuterPass)));
        Write("input gradient, folded / not folded", time => time(AttackPass) / time(UnfoldedPass));
        Write("PGD evaluation / its passes", time => time(PgdEvaluation) / (EvaluationSteps * time(EvaluationPass) + options.Normals * 2.0 / ScoredImages * time(ScoringPass)));
        Write("PGD evaluation / bare network passes", time => time(PgdEvaluation) / (EvaluationSteps * time(AttackPass) + options.Normals * 2.0 / ScoredImages * time(ScoringPass)));
        Write("scoring / forward pass", time => time(Scoring) / time(ScoringPass));
        Write($"Υ, filtered / its classifier passes ({classifierPasses:F1} each)", time => time(Crafting) / (classifierPasses * time(ClassifierPass)));
        Write("light views and unfiltered Υ / training step", time => (time(LightViews) + time(UnfilteredCrafting)) / time(TrainingStep));
        foreach (string pass in (string[])[KeyPass, AttackPass, OuterPass]) Write($"rate of '{pass}' / rate of the roof", time => Rate(pass, time) / Roof(time));

        // The better of the two ways, round by round.
        Series Roof(Func<string, Series> time) => new([.. Rate(MatrixProduct, time).Values.Zip(Rate(PointwiseConvolution, time).Values, Math.Max)]);

        Series Rate(string name, Func<string, Series> time) => new([.. time(name).Values.Select(seconds => workloads.Single(workload => workload.Name == name).Work / seconds)]);

        void Write(string name, Func<Func<string, Series>, Series> ratio) =>
            output.WriteLine($"| {name} | {ratio(turns.Processor)} | {ratio(turns.Wall)} |");
    }
}
