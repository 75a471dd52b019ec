using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Transformaly;

/// <summary>A(x) = -(ln p₁(φ(x)) + ln p₂(e(x))): the teacher's feature φ and the negative errors e of the students, each under its Gaussian.</summary>
internal sealed class TransformalyDetector : MethodDetector<TransformalyOptions>
{
    private readonly Backbone backbone;
    private readonly Backbone scoring;
    private readonly StudentBlocks students;
    private readonly Gaussian features;
    private readonly Gaussian errors;

    /// <summary>Takes over the teacher, its students and the Gaussians.</summary>
    public TransformalyDetector(MethodCard<TransformalyOptions> card, Backbone backbone, StudentBlocks students, Gaussian features, Gaussian errors)
        : base(card)
    {
        this.backbone = backbone;
        this.students = students;
        this.features = features;
        this.errors = errors;
        scoring = backbone.Fold();
        Freeze(students);
        Surrogates =
        [
            Other("likelihood of the feature alone", (feature, _) => -features.LogDensity(feature)),
            Other("likelihood of the errors alone", (_, error) => -errors.LogDensity(error)),
            Other("sum of the errors", (_, error) => error.neg().sum([1])),
        ];
    }

    /// <summary>The folded teacher and its students; owned by the detector.</summary>
    internal (Backbone Teacher, StudentBlocks Students) Networks => (scoring, students);

    /// <summary>Of the teacher's features, and of the students' negative errors; owned by the detector.</summary>
    internal (Gaussian Features, Gaussian Errors) Gaussians => (features, errors);

    public override Device Device => scoring.Device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        new Dictionary<string, IReadOnlyDictionary<string, Tensor>>(WithBackbone(backbone, "students", students.state_dict()))
        {
            ["features"] = features.Tensors,
            ["errors"] = errors.Tensors,
        };

    public override Tensor Score(Tensor images) => Scored(images, ScoreOf);

    /// <summary>The whitened feature and the whitened errors.</summary>
    public override Tensor Outputs(Tensor images) => Scored(images, (feature, error) => cat([features.Whiten(feature), errors.Whiten(error)], 1));

    public override void Dispose()
    {
        backbone.Dispose();
        scoring.Dispose();
        students.Dispose();
        features.Dispose();
        errors.Dispose();
    }

    private Tensor ScoreOf(Tensor feature, Tensor error) => -(features.LogDensity(feature) + errors.LogDensity(error));

    private ScoreSurrogate Other(string name, Func<Tensor, Tensor, Tensor> score) =>
        ScoreSurrogate.OfFeatures(name, Compared, compared => ScoreOf(compared.Feature, compared.Error), compared => score(compared.Feature, compared.Error));

    private Tensor Scored(Tensor images, Func<Tensor, Tensor, Tensor> score)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor feature, Tensor error) = Compared(images);
        return score(feature, error).MoveToOuterDisposeScope();
    }

    /// <summary>The teacher's feature, and the students' negative errors.</summary>
    private (Tensor Feature, Tensor Error) Compared(Tensor images)
    {
        (Tensor error, Tensor feature) = students.Compare(scoring.Network, scoring.Prepare(images));
        return (feature, error.neg());
    }
}
