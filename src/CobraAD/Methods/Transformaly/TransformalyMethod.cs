using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Transformer;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Transformaly;

/// <summary>
/// Transformaly: students imitate the blocks of a pretrained network on good images, and a Gaussian is fitted to its features and another to the
/// students' errors. Formulas, presets and departures from the original: docs/reference/methods/transformaly.md.
/// </summary>
internal sealed class TransformalyMethod : LoopMethod<TransformalyOptions>
{
    public override string Name => "transformaly";

    public override string Title => "Transformaly (Cohen and Avidan 2022)";

    public override string Needs => "nothing else: its teacher is the ImageNet package's residual network; the original's, a ViT-B/16 for 384 px, by backbone.file and the preset vit";

    public override IReadOnlyList<string> Presets => ["default", "vit", "tiny"];

    protected override string NameOf(TransformalyOptions options) => options.Backbone.Transformer is null ? "Transformaly, reduced to a residual network" : "Transformaly";

    protected override string NameOf(TransformalyOptions options, WeightOrigin? backbone) => backbone is null ? NameOf(options) : $"{NameOf(options)} ({backbone.Describe(options.Backbone)})";

    protected override TransformalyOptions OptionsOf(string preset, int imageSize) => preset switch
    {
        "vit" => new TransformalyOptions
        {
            Preset = preset,
            Backbone = new BackboneOptions { Transformer = new VisionTransformerOptions { ImageSize = 384 }, ResizeTo = 384 },
        },
        "tiny" => new TransformalyOptions
        {
            Preset = preset,
            Backbone = new BackboneOptions { Transformer = new VisionTransformerOptions { PatchSize = 4, ImageSize = 16, Width = 32, Depth = 4, Heads = 2, HiddenWidth = 64 }, ResizeTo = 16 },
            Epochs = 4,
            BatchSize = 16,
            LearningRate = 2e-3,
        },
        _ => new TransformalyOptions(),
    };

    protected override MethodDetector<TransformalyOptions> Fit(TransformalyOptions options, TrainingLoop run, Func<MethodCard<TransformalyOptions>> finish)
    {
        using Generator rng = run.Streams.Create("backbone");
        Backbone backbone = BackboneStore.Open(options.Backbone, rng).To(run.Device);
        return Handover.OrDispose(backbone, () =>
        {
            run.Backbone = backbone.Origin;
            int blocks = backbone.Network.Chain.Count;
            if (options.SkippedBlocks >= blocks) throw new ArgumentException($"Transformaly skips {options.SkippedBlocks} blocks, and its teacher has only {blocks}. Lower skippedBlocks.");
            using Generator weights = run.Streams.Create("weights");
            StudentBlocks students = new(backbone.Network, options.SkippedBlocks, weights);
            return Handover.OrDispose(students, () =>
            {
                students.to(run.Device);
                using Backbone folded = backbone.Fold();
                Train(options, run, folded, students);
                students.eval();
                // One pass gives both; features are much longer than there are blocks.
                using Tensor both = run.ForAll(images =>
                {
                    (Tensor errors, Tensor feature) = students.Compare(folded.Network, folded.Prepare(images));
                    return cat([errors.neg(), feature], 1);
                });
                using Tensor errors = both.narrow(1, 0, students.Count), features = both.narrow(1, students.Count, both.size(1) - students.Count);
                Gaussian ofFeatures = Gaussian.FitWhitened(features, options.ExplainedVariance, options.Regularization);
                return Handover.OrDispose(ofFeatures, () =>
                {
                    Gaussian ofErrors = Gaussian.Fit(errors, options.Regularization);
                    return Handover.OrDispose(ofErrors, () => new TransformalyDetector(finish(), backbone, students, ofFeatures, ofErrors));
                });
            });
        });
    }

    protected override MethodDetector<TransformalyOptions> Restore(MethodCard<TransformalyOptions> card, ModelArchive archive, string path, Device device) =>
        Handover.OrDispose(RestoreBackbone(card, card.Options.Backbone, archive, path, device), backbone =>
        {
            using Generator unused = new(0, CPU);
            StudentBlocks students = new(backbone.Network, card.Options.SkippedBlocks, unused);
            return Handover.OrDispose(students, () =>
            {
                StateDictionary.Load(students, archive.Group("students"), path);
                students.to(device);
                Gaussian features = Gaussian.Restore(name => Take(archive, "features", name, path, device), path);
                return Handover.OrDispose(features, () => new TransformalyDetector(
                    card, backbone, students, features, Gaussian.Restore(name => Take(archive, "errors", name, path, device), path)));
            });
        });

    private static void Train(TransformalyOptions options, TrainingLoop run, Backbone teacher, StudentBlocks students)
    {
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = 0 }, students.named_parameters());
        students.train();
        run.Train(TrainingPhase.Network, "students", options.Epochs, options.BatchSize, batch =>
        {
            (Tensor errors, _) = students.Compare(teacher.Network, teacher.Prepare(batch.Images));
            return Descent.Step(optimizer, errors.mean([0]).sum(), options.LearningRate);
        });
    }
}
