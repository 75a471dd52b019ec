using CobraAD.Attacks;
using CobraAD.Detection;
using CobraAD.Experiments.Cells;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization.Archive;

namespace CobraAD.Experiments.Paper;

/// <summary>The other methods of the paper's tables: which can be computed with the options at hand, and why the others cannot.</summary>
internal sealed class ComparedMethods(ReproductionOptions options)
{
    /// <summary>The column of the authors' code, which no table of the paper has.</summary>
    public const string Released = "released code";

    public const string NeverBuilt = "their detectors are not part of this library";

    /// <summary>What the tables call a method, and its name here.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["DeepSVDD"] = "deepsvdd",
        ["MSAD"] = "msad",
        ["PatchCore"] = "patchcore",
        ["PrincipaLS"] = "principals",
        ["OCSDF"] = "ocsdf",
        ["CSI"] = "csi",
        ["APAE"] = "apae",
        ["ZARND"] = "zarnd",
        ["DN2"] = "dn2",
        ["PANDA"] = "panda",
        ["ReContrast"] = "recontrast",
        ["DRAEM"] = "draem",
        ["Transformaly"] = "transformaly",
        [Released] = "cobra-released",
    };

    /// <summary>At the packaged weights' own 224 pixels one smoke cell takes a quarter of an hour.</summary>
    private const int SmokeSide = 64;

    private readonly SortedDictionary<string, SortedSet<string>> missing = new(StringComparer.Ordinal);
    private readonly string? backboneSha256 = options.Backbone switch
    {
        { Package: not null } => ImageNetPackage.Sha256,
        { File: { } file } => ModelArchive.Fingerprint(file),
        _ => null,
    };

    /// <summary>Whether COBRA's own columns are wanted.</summary>
    public bool HasCobra => IsChosen(CobraDetector.Kind);

    /// <summary>The columns that <see cref="Find"/> could not serve, grouped by the reason.</summary>
    public IEnumerable<string> Missing => missing.Select(reason => $"{string.Join(", ", reason.Value)}: {reason.Key}");

    /// <summary>Whether a method computes with a backbone of the user's, which is not the one that its published numbers are of.</summary>
    public static bool IsStandIn(IDetectionMethod method) => typeof(IBackboneUser).IsAssignableFrom(method.OptionsType);

    /// <summary>The method of a column when it is wanted and can be computed; otherwise the column is remembered as missing.</summary>
    public IDetectionMethod? Find(string column)
    {
        IDetectionMethod? method = Names.TryGetValue(column, out string? name) ? DetectionMethods.All.FirstOrDefault(candidate => candidate.Name == name) : null;
        string? reason = method is null ? NeverBuilt
            : !IsChosen(method.Name) ? "not among the methods that were chosen"
            : IsStandIn(method) && options.Backbone is null ? "no weights for their backbone were given (--backbone)"
            : null;
        if (reason is null) return method;
        if (!missing.TryGetValue(reason, out SortedSet<string>? columns)) missing[reason] = columns = new(StringComparer.Ordinal);
        columns.Add(column);
        return null;
    }

    /// <summary>A method's options with the backbone at hand, if it uses one. The file's name stands for it: its path differs by machine.</summary>
    public DetectorOptions WithBackbone(DetectorOptions preset) =>
        preset is IBackboneUser user ? user.With(AtBudget(options.Backbone!) with { File = Path.GetFileName(options.Backbone!.File) }) : preset;

    /// <summary>A cell of a method, which its backbone's content identifies.</summary>
    public ExperimentCell Identified(ExperimentCell cell) => cell.Options is IBackboneUser ? cell with { BackboneSha256 = backboneSha256 } : cell;

    private BackboneOptions AtBudget(BackboneOptions given) =>
        options.Budget == Budget.Smoke && given.Package is not null ? given with { ResizeTo = SmokeSide } : given;

    private bool IsChosen(string name) => options.Methods.Count == 0 || options.Methods.Contains(name, StringComparer.OrdinalIgnoreCase);
}
