using System.Diagnostics.CodeAnalysis;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using CobraAD.Serialization.Foreign;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>
/// Finds a residual network's weights in an ONNX model. Where the exporter kept the names of the state dict, they tell. Where it renamed
/// them, as it does when it folds normalisations into convolutions, the graph tells: the convolutions come in the order of a forward
/// pass, and of a block's convolutions the shortcut is the one that shares its input with another. Nothing is guessed: shapes, strides and
/// what is computed between the convolutions must be those of the network.
/// </summary>
internal sealed class OnnxWeights
{
    /// <summary>What a folded convolution needs behind it to stay as it is: √(σ² + ε) = 1.</summary>
    private const double UnitVariance = 1 - NormFloor;

    /// <summary>ε of our normalisations; another one of the model moves into the variance.</summary>
    private const double NormFloor = 1e-5;

    /// <summary>What may stand between the convolutions; another activation or a gate would give other features from the same weights.</summary>
    private static readonly HashSet<string> Operations = ["Conv", "BatchNormalization", "Relu", "Add", "MaxPool", "Identity", "Constant", "Cast"];

    private readonly OnnxFile file;
    private readonly Dictionary<string, OnnxNode> makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> found = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];

    private OnnxWeights(OnnxFile file)
    {
        this.file = file;
        foreach (OnnxNode node in file.Nodes)
        {
            foreach (string output in node.Outputs) makers[output] = node;
        }
    }

    /// <summary>The weights by torchvision's names; the caller disposes them.</summary>
    /// <param name="path">The model.</param>
    /// <param name="network">What they are for; by names only when <see langword="null"/>.</param>
    /// <exception cref="ModelFormatException">The model is damaged or is not such a network; the message lists what differs.</exception>
    public static TensorBundle Read(string path, FeatureNetwork? network)
    {
        using OnnxFile file = OnnxFile.Open(path);
        OnnxWeights weights = new(file);
        try
        {
            if (network is ResNet residual && !weights.HasNames(residual)) weights.FollowGraph(residual);
            else weights.ReadNamed();
            if (weights.problems.Count == 0) return new TensorBundle(weights.found, new Dictionary<string, string>());
            string more = weights.problems.Count > 8 ? $"; and {weights.problems.Count - 8} more" : "";
            throw new ModelFormatException($"{path}: the model is not the configured network: {string.Join("; ", weights.problems.Take(8))}{more}. Name the network that it was exported from (backbone.network).");
        }
        catch
        {
            foreach (Tensor tensor in weights.found.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>Whether every convolution and normalisation is there by a name that ends as torchvision's does.</summary>
    private bool HasNames(ResNet network) => network.state_dict().Keys
        .Where(name => !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
        .All(name => file.Initializers.ContainsKey(name) || file.Initializers.Keys.Any(known => known.EndsWith("." + name, StringComparison.Ordinal)));

    private void ReadNamed()
    {
        foreach (OnnxTensor tensor in file.Initializers.Values.Where(IsWeight)) found.Add(tensor.Name, file.Read(tensor).DetachFromDisposeScope());
    }

    /// <summary>Shapes, axes and other whole numbers of the graph are no weights.</summary>
    private static bool IsWeight(OnnxTensor tensor) => tensor.Type is 1 or 10 or 11 or 16 && tensor.Shape.Length > 0;

    private void FollowGraph(ResNet network)
    {
        OnnxNode[] convolutions = [.. file.Nodes.Where(node => node.Operation == "Conv")];
        (string Convolution, string Normalization, ConvolutionUnit Unit)[] units = [.. network.NamedUnits()];
        if (convolutions.Length != units.Length)
        {
            problems.Add($"it has {convolutions.Length} convolutions, expected {units.Length}");
            return;
        }

        bool isPooled = file.Nodes.Any(node => node.Operation == "MaxPool");
        if (isPooled != (network.Options.Stem == ResNetStem.ImageNet)) problems.Add($"it has {(isPooled ? "a" : "no")} max-pooling, which the {network.Options.Stem} stem has {(isPooled ? "not" : "")}".TrimEnd());
        int taken = 0;
        foreach (IGrouping<string, (string Convolution, string Normalization, ConvolutionUnit Unit)> block in units.GroupBy(unit => BlockOf(unit.Convolution)))
        {
            (string Convolution, string Normalization, ConvolutionUnit Unit)[] members = [.. block];
            OnnxNode[] nodes = InOrder(convolutions[taken..(taken + members.Length)], members[^1]);
            for (int i = 0; i < members.Length; i++) Take(nodes[i], members[i]);
            taken += members.Length;
        }

        CheckBetween(convolutions[0], convolutions[^1]);
        TakeClassifier(network.FeatureSize);
    }

    /// <summary>A residual network of another kind can have the same convolutions: other activations, gates, or sums without a ReLU behind them.</summary>
    private void CheckBetween(OnnxNode first, OnnxNode last)
    {
        OnnxNode[] between = [.. file.Nodes.SkipWhile(node => node != first).TakeWhile(node => node != last)];
        problems.AddRange(between.Select(node => node.Operation).Distinct().Where(operation => !Operations.Contains(operation)).Select(operation => $"it computes {operation} between its convolutions"));
        HashSet<string> sums = [.. between.Where(node => node.Operation == "Add" && !node.Inputs.Any(input => Resolve(input, out _))).SelectMany(node => node.Outputs)];
        if (file.Nodes.Any(node => node.Operation != "Relu" && node.Inputs.Any(sums.Contains))) problems.Add("it has a sum that is used without a ReLU, as in pre-activation networks");
    }

    /// <summary>"layer2.0" of "layer2.0.conv1" and "layer2.0.downsample.0"; nothing of "conv1".</summary>
    private static string BlockOf(string convolution) => string.Join('.', convolution.Split('.')[..^1].Take(2));

    /// <summary>A block's convolutions with its shortcut, if it has one, last.</summary>
    private OnnxNode[] InOrder(OnnxNode[] nodes, (string Convolution, string Normalization, ConvolutionUnit Unit) last)
    {
        if (!last.Convolution.EndsWith("downsample.0", StringComparison.Ordinal)) return nodes;
        OnnxNode? shortcut = nodes.FirstOrDefault(node => node.Inputs.Count > 1
            && nodes.Any(other => other != node && other.Inputs.Count > 0 && other.Inputs[0] == node.Inputs[0])
            && Resolve(node.Inputs[1], out OnnxTensor? weight) && weight.Shape.SequenceEqual(last.Unit.Convolution.weight.shape));
        return shortcut is null ? nodes : [.. nodes.Where(node => node != shortcut), shortcut];
    }

    private void Take(OnnxNode node, (string Convolution, string Normalization, ConvolutionUnit Unit) unit)
    {
        string name = unit.Convolution + ".weight";
        if (node.Inputs.Count < 2 || !Resolve(node.Inputs[1], out OnnxTensor? weight))
        {
            problems.Add($"{name} is not a fixed tensor but computed, as quantised models do");
            return;
        }

        long[] expected = unit.Unit.Convolution.weight.shape;
        if (!weight.Shape.SequenceEqual(expected))
        {
            problems.Add($"{name} is [{string.Join(", ", weight.Shape)}], expected [{string.Join(", ", expected)}]");
            return;
        }

        long stride = node.Numbers.TryGetValue("strides", out IReadOnlyList<long>? strides) && strides.Count > 0 ? strides[0] : 1;
        if (stride != unit.Unit.Convolution.stride![0]) problems.Add($"{unit.Convolution} has the stride {stride}, expected {unit.Unit.Convolution.stride[0]}");
        if (node.Numbers.TryGetValue("group", out IReadOnlyList<long>? group) && group is [> 1]) problems.Add($"{unit.Convolution} has {group[0]} groups, expected 1");
        found.Add(name, file.Read(weight).DetachFromDisposeScope());
        TakeNormalization(node, unit);
    }

    /// <summary>The normalisation behind a convolution, or, where it was folded, one that only adds the convolution's bias.</summary>
    private void TakeNormalization(OnnxNode node, (string Convolution, string Normalization, ConvolutionUnit Unit) unit)
    {
        using DisposeScope scope = NewDisposeScope();
        long channels = unit.Unit.Convolution.out_channels;
        Tensor bias = node.Inputs.Count > 2 && node.Inputs[2].Length > 0 ? Vector(node.Inputs[2], unit.Convolution + ".bias", channels) : zeros(channels);
        OnnxNode? norm = file.Nodes.FirstOrDefault(next => next.Operation == "BatchNormalization" && next.Inputs.Count >= 5 && node.Outputs.Contains(next.Inputs[0]));
        if (norm is null)
        {
            Keep("weight", ones(channels));
            Keep("bias", bias);
            Keep("running_mean", zeros(channels));
            Keep("running_var", full(channels, UnitVariance));
            return;
        }

        Keep("weight", Vector(norm.Inputs[1], unit.Normalization + ".weight", channels));
        Keep("bias", Vector(norm.Inputs[2], unit.Normalization + ".bias", channels));
        // γ(w∗x + b - μ)/√(σ² + ε) + β: the bias belongs to the mean, and a difference of ε to the variance.
        Keep("running_mean", Vector(norm.Inputs[3], unit.Normalization + ".running_mean", channels) - bias);
        Keep("running_var", Vector(norm.Inputs[4], unit.Normalization + ".running_var", channels) + ((norm.Epsilon ?? NormFloor) - NormFloor));

        void Keep(string part, Tensor values) => found.Add($"{unit.Normalization}.{part}", values.DetachFromDisposeScope());
    }

    private Tensor Vector(string input, string name, long length)
    {
        if (!Resolve(input, out OnnxTensor? tensor)) problems.Add($"{name} is not a fixed tensor");
        else if (!tensor.Shape.SequenceEqual([length])) problems.Add($"{name} is [{string.Join(", ", tensor.Shape)}], expected [{length}]");
        else return file.Read(tensor);
        return zeros(length);
    }

    /// <summary>The last fully connected layer on features of the network's length, for methods that use the classifier.</summary>
    private void TakeClassifier(int features)
    {
        OnnxNode? layer = file.Nodes.LastOrDefault(node => node.Operation == "Gemm" && node.Inputs.Count > 2);
        if (layer is null || !Resolve(layer.Inputs[1], out OnnxTensor? weight) || !Resolve(layer.Inputs[2], out OnnxTensor? bias) || weight.Shape.Length != 2 || bias.Shape.Length != 1) return;
        bool isTransposed = layer.Numbers.TryGetValue("transB", out IReadOnlyList<long>? transposed) && transposed is [1];
        if (weight.Shape[isTransposed ? 1 : 0] != features) return;
        using DisposeScope scope = NewDisposeScope();
        Tensor matrix = file.Read(weight);
        found.Add("fc.weight", (isTransposed ? matrix : matrix.t().contiguous()).DetachFromDisposeScope());
        found.Add("fc.bias", file.Read(bias).DetachFromDisposeScope());
    }

    /// <summary>The fixed tensor behind a name: itself, a Constant, or either passed on or converted.</summary>
    private bool Resolve(string name, [NotNullWhen(true)] out OnnxTensor? tensor)
    {
        // A graph has no cycles; a damaged one must not make this loop for ever.
        for (int step = 0; step < 8; step++)
        {
            if (file.Initializers.TryGetValue(name, out tensor)) return true;
            if (!makers.TryGetValue(name, out OnnxNode? node)) break;
            if (node is { Operation: "Constant", Value: { } value })
            {
                tensor = value;
                return true;
            }

            if (node.Operation is not ("Identity" or "Cast") || node.Inputs.Count != 1) break;
            name = node.Inputs[0];
        }

        tensor = null;
        return false;
    }
}
