using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CobraAD.Attacks;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra certify MODEL DATA</c></summary>
internal sealed class CertifyCommand
{
    private static readonly CertificationOptions Defaults = new();

    private readonly SubjectArguments subject = new();
    private readonly DataArguments data = new();
    private readonly Option<Norm?> norm = TextOption.OfValue("--norm", "l2, the only norm that certificates hold in.", "NORM", ThreatModel.ParseNorm);
    private readonly Option<double[]?> epsilon = TextOption.Of("--epsilon", "Radii to certify, each above 0; 0.05 to 0.25 by default.", "0.1,0.25,0.5", RadiusList.Parse);
    private readonly Option<int> samples = new("--samples")
    {
        Description = "Noisy copies of each image; a detector with a Lipschitz constant of its own needs none.",
        HelpName = "N",
        CustomParser = NumberOption.Within(16, 10_000_000),
        DefaultValueFactory = _ => Defaults.Samples,
    };

    private readonly Option<double> sigma = new("--sigma")
    {
        Description = "Standard deviation of the noise, above 0.",
        HelpName = "S",
        CustomParser = NumberOption.Within(1e-6, 10.0),
        DefaultValueFactory = _ => Defaults.Sigma,
    };

    private readonly Option<double> confidence = new("--confidence")
    {
        Description = "Probability that all bounds hold together.",
        HelpName = "P",
        CustomParser = NumberOption.Within(0.5, 1 - 1e-12),
        DefaultValueFactory = _ => Defaults.Confidence,
    };

    private readonly Option<int?> images = new("--images") { Description = "Test images of each class at most; all by default.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, int.MaxValue) };
    private readonly Option<IReadOnlyList<Attack>?> attack = TextOption.Of(
        "--attack", "Also attack at the same radii, to see both bounds: the detector itself, or its smoothed form.", "RECIPES", AttackRecipe.ParseMany);

    private readonly Option<int> draws = new("--attack-draws")
    {
        Description = "Odd number of draws in the smoothed score that is attacked.",
        HelpName = "N",
        CustomParser = NumberOption.Within(1, 100_001),
        DefaultValueFactory = _ => 65,
    };

    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass of an attack.", HelpName = "N", CustomParser = NumberOption.Within(1, 65536), DefaultValueFactory = _ => 64 };
    private readonly Option<string?> state = new("--state") { Description = "File that keeps progress, so that an interrupted certification goes on.", HelpName = "FILE" };
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    private readonly Option<string?> beside = new("--beside") { Description = "With --report: the report.json of another detector on the same images, shown in the same figure.", HelpName = "FILE" };

    public static Command Create(CommandHost host)
    {
        CertifyCommand certify = new();
        Command command = new("certify", "Bound what any attack can do under l2: by the detector's own constant, or by smoothing with noise.");
        certify.subject.AddTo(command);
        certify.data.AddTo(command, canResize: false);
        foreach (Option option in (Option[])
            [certify.norm, certify.epsilon, certify.samples, certify.sigma, certify.confidence, certify.images, certify.attack, certify.draws, certify.batchSize, certify.state, certify.report, certify.beside])
            command.Options.Add(option);
        host.SetAction(command, certify.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        if (context.Arguments.GetValue(norm) is Norm.Linf)
            throw new UsageException("--norm linf: certificates hold under l2 only. A change of every pixel by up to e is at most sqrt(d) e long under l2, d the numbers of an image; certify that radius if it is what you need.");
        if (context.Arguments.GetValue(draws) % 2 == 0) throw new UsageException("--attack-draws must be odd, so that one draw is in the middle.");
        if (context.Arguments.GetValue(report) is { } into) OutputFile.RequireFolder(report.Name, into);
        if (context.Arguments.GetValue(state) is { Length: > 0 } kept) OutputFile.RequireOfKind(state.Name, kept, FileKind.State);
        if (context.Arguments.GetValue(beside) is not null && context.Arguments.GetValue(report) is null) throw new UsageException("--beside shows another detector in the same report; give --report DIR too.");
        context.RequirePartner(context.IsGiven(attack), $"{attack.Name} RECIPES", draws, batchSize);
        RobustnessReport? other = context.Arguments.GetValue(beside) is { } earlier ? ReadReport(earlier) : null;
        CertificationOptions options = Options(context);
        using DetectorSubject detector = subject.Open(context);
        // Not disposed: it owns nothing but the detector.
        IAnomalyDetector certified = detector.Detector is ILipschitzScore ? detector.Detector : new SmoothedDetector(detector.Detector, options.Sigma, context.Arguments.GetValue(draws), options.Seed);
        RobustnessStudy study = Study(context, options);
        RequireGradients(study, detector);
        study.Validate(certified);

        using AnomalyBenchmark benchmark = data.OpenToMeasure(context, detector, subject.DataPath(context));
        RequireComparable(other, options, benchmark);
        Announce(context.Console, certified, options, Cost(certified, options, benchmark));
        using StudyResult result = context.Console.Track(board => study.Run(certified, benchmark, new StudyDisplay(board), context.Cancellation));
        Print(context.Console, result);
        if (context.Arguments.GetValue(report) is { } folder) detector.Report(context, result, folder, other);
    }

    private static RobustnessReport ReadReport(string file)
    {
        if (!File.Exists(file)) throw new UsageException($"--beside: there is no file '{file}'. Give the report.json that an earlier 'cobra certify … --report DIR' wrote.");
        try
        {
            return RobustnessReport.FromJson(File.ReadAllText(file));
        }
        catch (JsonException exception)
        {
            throw new UsageException($"--beside: '{file}' is no report: {exception.Message} Give the report.json that an earlier 'cobra certify … --report DIR' wrote.");
        }
    }

    /// <summary>What would be refused when the report is put together is refused before the work.</summary>
    private static void RequireComparable(RobustnessReport? other, CertificationOptions options, AnomalyBenchmark benchmark)
    {
        if (other is null) return;
        if (other.Threat.Norm != "l2") throw new UsageException($"--beside: that report is about the norm {other.Threat.Norm}; certificates hold under l2.");
        if (other.Data.Fingerprint != benchmark.Test.Fingerprint) throw new UsageException($"--beside: that report is about other images ({other.Data.Name}). Certify both detectors on the same data with the same options.");
        int most = options.SamplesPerClass ?? int.MaxValue, anomalies = benchmark.TestIsAnomalous.Count(isAnomalous => isAnomalous);
        (int normal, int anomalous) = (Math.Min(benchmark.Test.Count - anomalies, most), Math.Min(anomalies, most));
        if ((other.Data.Normals, other.Data.Anomalies) != (normal, anomalous))
            throw new UsageException($"--beside: that report is about {other.Data.Normals} normal and {other.Data.Anomalies} anomalous images, this one would be about {normal} and {anomalous}; give the same --images.");
        if (other.Seed != options.Seed) throw new UsageException($"--beside: that report was made with --seed {other.Seed}; give the same.");
        if (Math.Abs(other.Threat.Epsilon - options.Radii.Max()) > 1e-12) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--beside: the largest radius of that report is {other.Threat.Epsilon}; give the same with --epsilon."));
    }

    private CertificationOptions Options(CommandContext context)
    {
        // The parser gives an empty array where the option was left out.
        double[] radii = context.Arguments.GetValue(epsilon) is { Length: > 0 } given ? given : [.. Defaults.Radii];
        if (radii.FirstOrDefault(radius => radius is not (> 0 and <= 1000), double.NaN) is var wrong && !double.IsNaN(wrong))
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--epsilon: {wrong} cannot be certified. A radius must be above 0, where the score itself is the bound ('cobra score'), and at most 1000."));
        return new CertificationOptions
        {
            Radii = radii,
            Samples = context.Arguments.GetValue(samples),
            Sigma = context.Arguments.GetValue(sigma),
            Confidence = context.Arguments.GetValue(confidence),
            SamplesPerClass = context.Arguments.GetValue(images),
            Seed = context.Seed ?? 0,
            StateFile = context.Arguments.GetValue(state),
        };
    }

    private RobustnessStudy Study(CommandContext context, CertificationOptions options) => new(new ThreatModel(Norm.L2, options.Radii.Max()), context.Arguments.GetValue(attack) ?? [])
    {
        // Without attacks there is no curve.
        Radii = context.Arguments.GetValue(attack) is null ? [] : options.Radii,
        Certification = options,
        Evaluation = new RobustnessOptions
        {
            BatchSize = context.Arguments.GetValue(batchSize),
            SamplesPerClass = options.SamplesPerClass,
            Seed = options.Seed,
            StateFile = options.StateFile is { } file && context.Arguments.GetValue(attack) is not null ? $"{file}-attacks" : null,
        },
    };

    private static void RequireGradients(RobustnessStudy study, DetectorSubject detector)
    {
        if (study.Refused(detector.Detector) is { Count: > 0 } refused)
            throw new UsageException($"'{detector.File}' has no gradients, so {string.Join(", ", refused.Select(attack => attack.Name))} cannot attack it. Use --attack \"square simba\".");
    }

    private static CertificationCost Cost(IAnomalyDetector detector, CertificationOptions options, AnomalyBenchmark benchmark)
    {
        try
        {
            return new Certifier(detector, options).Estimate(benchmark);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"--samples: {exception.Message}");
        }
    }

    private static void Announce(CommandConsole console, IAnomalyDetector detector, CertificationOptions options, CertificationCost cost) => console.Say(detector is ILipschitzScore exact
        ? string.Create(CultureInfo.InvariantCulture, $"{cost.Images} images, each scored once: the score's Lipschitz constant is {exact.LipschitzConstant:G6}, so nothing is drawn.")
        : string.Create(CultureInfo.InvariantCulture, $"{cost.Images} images, {cost.Passes:N0} passes with noise of {options.Sigma}: about {Duration.InWords(cost.Time)} without the attacks. Ctrl-C stops{(options.StateFile is null ? "; --state FILE would keep what is done" : ", and the same command goes on")}."));

    private static void Print(CommandConsole console, StudyResult study)
    {
        Certificate certificate = study.Certificate!;
        foreach (string warning in study.Warnings) console.PrintWarning(warning);
        int anomalies = certificate.IsAnomalous.Count(isAnomalous => isAnomalous);
        string basis = certificate.Kind == CertificateKind.Lipschitz
            ? string.Create(CultureInfo.InvariantCulture, $"Lipschitz constant {certificate.LipschitzConstant:G6}")
            : string.Create(CultureInfo.InvariantCulture, $"{certificate.Samples} noisy copies each, all bounds together with probability {certificate.Confidence}");
        console.Print($"{certificate.Detector} on {study.Data.Name}: {certificate.IsAnomalous.Count - anomalies} normal and {anomalies} anomalous images, {basis}");
        console.Print(CertificateTable.Of(certificate, study.Curve));
        console.PrintJson(new
        {
            certificate.Detector,
            study.Warnings,
            Data = study.Data.Name,
            certificate.Kind,
            certificate.LipschitzConstant,
            certificate.Sigma,
            certificate.Samples,
            certificate.Confidence,
            certificate.Auroc,
            Points = certificate.Points.Select(point => new { point.Radius, point.Auroc, AttackedAuroc = CertificateTable.At(study.Curve, point.Radius) }),
            Images = certificate.Sample.Select((index, i) => new
            {
                Path = study.Data.Test.Sources[index],
                IsAnomalous = certificate.IsAnomalous[i],
                Score = certificate.Scores[i],
                Bounds = certificate.Points.Select(point => new { point.Radius, Lower = point.Lower[i], Upper = point.Upper[i] }),
            }),
        });
    }
}
