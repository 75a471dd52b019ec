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
            new ScoreSurrogate("likelihood of the feature alone", images => Scored(images, (feature, _) => -features.LogDensity(feature))),
            new ScoreSurrogate("likelihood of the errors alone", images => Scored(images, (_, error) => -errors.LogDensity(error))),
            new ScoreSurrogate("sum of the errors", images => Scored(images, (_, error) => error.neg().sum([1]))),
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

    public override Tensor Score(Tensor images) => Scored(images, (feature, error) => -(features.LogDensity(feature) + errors.LogDensity(error)));

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

    private Tensor Scored(Tensor images, Func<Tensor, Tensor, Tensor> score)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor error, Tensor feature) = students.Compare(scoring.Network, scoring.Prepare(images));
        return score(feature, error.neg()).MoveToOuterDisposeScope();
    }
}
