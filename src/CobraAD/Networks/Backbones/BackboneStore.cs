using CobraAD.Networks.Transformer;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>Makes feature networks from weight files of other programs and from packages. Reading a file never runs code from it.</summary>
internal static class BackboneStore
{
    private const string Counter = ".num_batches_tracked";

    /// <summary>What training programs put in front of a network's names.</summary>
    private static readonly string[] Prefixes = ["module.", "model.", "backbone.", "encoder.", "network."];

    /// <summary>Names that only the outermost level of a network has, with which a name begins once all prefixes are off.</summary>
    private static readonly string[] Outermost = ["conv1.weight", "conv_proj.weight", "patch_embed.proj.weight"];

    /// <summary>Opens a backbone.</summary>
    /// <param name="options">Network and weights; without a file and a package they are random.</param>
    /// <param name="rng">CPU generator of random weights.</param>
    /// <returns>The backbone on the CPU; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of an unknown format, holds more than plain tensors, or does not fit the network; the message lists the mismatches.</exception>
    public static Backbone Open(BackboneOptions options, Generator rng)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        FeatureNetwork network = options.CreateNetwork(rng);
        if (options is { File: null, Package: null }) return new Backbone(network, options, new WeightOrigin("random weights", null, []), LinearLayer.Create(network.FeatureSize, 10, rng));
        try
        {
            string path = options.File ?? ImageNetPackage.Find();
            using TensorBundle weights = WeightFile.Read(path, network);
            return Load(network, options, weights, path);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static Backbone Load(FeatureNetwork network, BackboneOptions options, TensorBundle weights, string path)
    {
        PretrainingRecord? pretraining = PretrainingRecord.From(weights.Metadata, path);
        RequireSame(pretraining, options);
        Dictionary<string, Tensor> own = network.state_dict();
        Dictionary<string, Tensor> named = WithoutPrefix(weights.Tensors);
        if (network is VisionTransformer) named = TransformerNames.ToOurs(named);
        // Counters of seen batches exist in some versions only and change nothing in evaluation.
        List<string> problems =
        [
            .. own.Keys.Where(name => !named.ContainsKey(name) && !name.EndsWith(Counter, StringComparison.Ordinal)).Select(name => $"{name} is missing"),
            .. own.Where(pair => named.TryGetValue(pair.Key, out Tensor? found) && !pair.Value.shape.SequenceEqual(found.shape))
                .Select(pair => $"{pair.Key} is [{string.Join(", ", named[pair.Key].shape)}], expected [{string.Join(", ", pair.Value.shape)}]"),
            .. named.Keys.Where(name => !own.ContainsKey(name) && !IsOptional(name)).Select(name => $"{name} is unknown"),
        ];
        if (problems.Count > 0)
        {
            string held = TransformerShape.Of(TransformerNames.ToOurs(named)) is { } shape ? $" The file holds {shape}." : "";
            string more = problems.Count > 8 ? $"; and {problems.Count - 8} more" : "";
            throw new ModelFormatException(
                $"{path}: the weights do not fit {options.Shape}: {string.Join("; ", problems.Take(8))}{more}.{held} "
                + $"Name the network that the file was made for ({(options.Transformer is null ? "backbone.network" : "backbone.transformer")}).");
        }

        using IDisposable frozen = no_grad();
        foreach ((string name, Tensor value) in own)
        {
            if (named.TryGetValue(name, out Tensor? found)) value.copy_(found);
        }

        if (options.Package is not null)
        {
            // The network was trained on blue first. With the input channels of its first layer turned round it takes images as everything else here does.
            Tensor first = own["conv1.weight"];
            using Tensor turned = first.flip(1);
            first.copy_(turned);
            return new Backbone(network, options, new WeightOrigin(ImageNetPackage.Title, ImageNetPackage.Sha256, []) { Package = options.Package }) { IsAsPackaged = true };
        }

        string[] ignored = [.. named.Keys.Where(name => !own.ContainsKey(name)).Order(StringComparer.Ordinal)];
        WeightOrigin origin = new(Path.GetFileName(options.File!), ModelArchive.Fingerprint(options.File!), ignored) { Pretraining = pretraining };
        return new Backbone(network, options, origin, HeadOf(named, network.FeatureSize));
    }

    /// <summary>The shapes of the tensors do not tell all stems apart, nor what the images should look like; the record of an in-house backbone does.</summary>
    private static void RequireSame(PretrainingRecord? pretraining, BackboneOptions options)
    {
        if (pretraining is null) return;
        BackboneOptions plain = new() { Network = pretraining.Network, Transformer = pretraining.Transformer };
        if (pretraining.Transformer != options.Transformer || (options.Transformer is null && pretraining.Network != options.Network))
            throw new ModelFormatException($"{options.File}: the weights are those of {plain.Shape}, but the configuration has {options.Shape} ({(pretraining.Transformer is null ? "backbone.network" : "backbone.transformer")}). Set it to that, or use --backbone, which reads it from the file.");
        if (!options.Mean.SequenceEqual(plain.Mean) || !options.Deviation.SequenceEqual(plain.Deviation))
            throw new ModelFormatException($"{options.File}: the weights were trained on images with mean and deviation 0.5, but the configuration has mean {string.Join(", ", options.Mean)} and deviation {string.Join(", ", options.Deviation)} (backbone.mean, backbone.deviation). Set both to [0.5, 0.5, 0.5].");
    }

    /// <summary>A classifier, or a projection head, that came with the features.</summary>
    private static bool IsOptional(string name) =>
        name.StartsWith("fc.", StringComparison.Ordinal) || name.StartsWith("classifier.", StringComparison.Ordinal) || name.EndsWith(Counter, StringComparison.Ordinal);

    private static Linear? HeadOf(Dictionary<string, Tensor> named, int featureSize)
    {
        if (!named.TryGetValue("fc.weight", out Tensor? weight) || !named.TryGetValue("fc.bias", out Tensor? bias)) return null;
        return weight.dim() == 2 && weight.size(1) == featureSize && bias.numel() == weight.size(0)
            ? LinearLayer.Of(weight.to(ScalarType.Float32, copy: true), bias.to(ScalarType.Float32, copy: true))
            : null;
    }

    private static Dictionary<string, Tensor> WithoutPrefix(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Dictionary<string, Tensor> named = new(tensors, StringComparer.Ordinal);
        while (!Outermost.Any(named.ContainsKey) && Prefixes.FirstOrDefault(prefix => Outermost.Any(name => named.ContainsKey(prefix + name)) || named.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal) && Prefixes.Any(next => name.StartsWith(prefix + next, StringComparison.Ordinal)))) is { } prefix)
            named = named.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value, StringComparer.Ordinal);
        return named;
    }
}
