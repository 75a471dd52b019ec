using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization.Archive;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>A method that compares features with those of the training images; members differ in how they adapt the backbone before.</summary>
/// <param name="kind">The score.</param>
internal abstract class NeighbourMethod<TOptions>(NeighbourScore kind) : LoopMethod<TOptions>
    where TOptions : NeighbourOptions
{
    public override string Needs => "nothing else: its backbone is the ImageNet package's; --backbone names another";

    /// <summary>What the "tiny" presets use: seconds instead of minutes.</summary>
    protected static BackboneOptions TinyBackbone { get; } = new() { Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.25 } };

    protected sealed override string NameOf(TOptions options, WeightOrigin? backbone) => backbone is null ? NameOf(options) : $"{NameOf(options)} ({backbone.Describe(options.Backbone)})";

    /// <summary>Changes the backbone's weights to suit the training images; by default it stays as it is.</summary>
    /// <returns>Whether they were changed.</returns>
    protected virtual bool Adapt(TOptions options, TrainingLoop run, Backbone backbone) => false;

    protected sealed override MethodDetector<TOptions> Fit(TOptions options, TrainingLoop run, Func<MethodCard<TOptions>> finish)
    {
        using Generator rng = run.Streams.Create("backbone");
        Backbone backbone = BackboneStore.Open(options.Backbone, rng).To(run.Device);
        try
        {
            run.Backbone = backbone.Origin;
            backbone.IsAsPackaged &= !Adapt(options, run, backbone);
            using Backbone folded = backbone.Fold();
            Tensor features = run.ForAll(images => NeighbourDetector<TOptions>.Features(folded, images, kind));
            return new NeighbourDetector<TOptions>(finish(), backbone, features, kind);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    protected sealed override MethodDetector<TOptions> Restore(MethodCard<TOptions> card, ModelArchive archive, string path, Device device) =>
        new NeighbourDetector<TOptions>(card, RestoreBackbone(card, card.Options.Backbone, archive, path, device), Take(archive, "bank", "features", path, device), kind);
}
