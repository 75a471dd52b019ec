using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Segments;

/// <summary>
/// One step's way through a branch of a <see cref="ResNetSegment"/>, forwards and backwards. Convolutions take the rows part by part, but no
/// convolution begins before the normalisation below it has seen all parts, so it is that of the whole batch.
/// </summary>
/// <remarks>The forward way keeps nothing but the statistics; the backward way convolves a second time (checkpointing, Chen et al. 2016).</remarks>
internal sealed class BranchPass(CobraNetwork network, ResNetSegment segment, IReadOnlyList<ConvolutionUnit> units, IRanks? ranks)
{
    private readonly PartwiseNormalization[] normalizations = [.. units.Select(unit => new PartwiseNormalization(unit.Normalization!, ranks))];

    /// <summary>What the branch makes of all parts; the caller disposes it.</summary>
    /// <param name="inputs">Each [n, channels, height, width], unchanged.</param>
    public Tensor[] Forward(IReadOnlyList<Tensor> inputs)
    {
        using IDisposable frozen = no_grad();
        if (units.Count == 0) return [.. inputs.Select(input => input.alias())];

        Tensor[] maps = [.. inputs.Select(input => Convolve(0, input))];
        for (int i = 0; i < units.Count; i++)
        {
            int next = i + 1;
            PartwiseNormalization normalization = normalizations[i];
            foreach (Tensor map in maps) normalization.Add(map);
            normalization.Complete();
            Replace(maps, map => next == units.Count ? Pooled(normalization.Apply(map)) : Convolve(next, normalization.Apply(map).relu_()));
        }

        return maps;
    }

    /// <summary>Adds the gradients of the branch's weights and, where the inputs want theirs, to these.</summary>
    /// <param name="inputs">Leaves, the same values as in <see cref="Forward"/>.</param>
    /// <param name="gradients">Of the loss with respect to what <see cref="Forward"/> gave, unchanged.</param>
    public void Backward(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> gradients)
    {
        if (units.Count == 0)
        {
            autograd.backward([.. inputs], [.. gradients]);
            return;
        }

        List<IReadOnlyList<Tensor>> entries = [inputs];
        List<Tensor[]> maps = [[.. inputs.Select(input => Convolve(0, input))]];
        for (int i = 1; i < units.Count; i++)
        {
            PartwiseNormalization below = normalizations[i - 1];
            int unit = i;
            entries.Add([.. maps[i - 1].Select(map => Leaf(below, map))]);
            maps.Add([.. entries[i].Select(entry => Convolve(unit, entry))]);
        }

        for (int i = units.Count - 1; i >= 0; i--)
        {
            gradients = Backward(i, entries[i], maps[i], gradients);
        }
    }

    /// <summary>From the output of a normalisation to the input of the convolution below it, and through the ReLU below that.</summary>
    private Tensor[] Backward(int i, IReadOnlyList<Tensor> entries, Tensor[] maps, IReadOnlyList<Tensor> gradients)
    {
        bool isLast = i == units.Count - 1, isFirst = i == 0;
        for (int part = 0; part < maps.Length; part++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor map = maps[part].detach();
            normalizations[i].AddGradient(OfNormalized(map, gradients[part]), map);
        }

        normalizations[i].CompleteGradient();
        Tensor[] below = new Tensor[isFirst ? 0 : maps.Length];
        for (int part = 0; part < maps.Length; part++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor map = maps[part].detach(), weight = units[i].Convolution.weight;
            Tensor gradient = normalizations[i].Gradient(OfNormalized(map, gradients[part]), map);
            autograd.backward([maps[part]], [gradient], inputs: entries[part].requires_grad ? [entries[part], weight] : [weight]);
            maps[part].Dispose();
            if (!isLast) gradients[part].Dispose();
            if (isFirst) continue;
            below[part] = ThroughRelu(entries[part], entries[part].grad!).MoveToOuterDisposeScope();
            entries[part].Dispose();
        }

        return below;

        Tensor OfNormalized(Tensor map, Tensor gradient) => isLast && segment.Pooling is not null ? BelowPooling(normalizations[i].Apply(map), gradient) : gradient;
    }

    /// <summary>The gradient of what a ReLU sees, given its output and the gradient of that, which is changed.</summary>
    /// <remarks>The output is not negative, so its sign is the slope; a product with booleans takes twelve times as long.</remarks>
    internal static Tensor ThroughRelu(Tensor output, Tensor gradient) => gradient.mul_(output.detach().sign());

    /// <param name="map">What is pooled; disposed, for it is the largest map of a part.</param>
    /// <param name="gradient">Of what comes out.</param>
    private Tensor BelowPooling(Tensor map, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor leaf = map.requires_grad_();
        autograd.backward([segment.Pooling!(leaf)], [gradient], inputs: [leaf]);
        return leaf.grad!.MoveToOuterDisposeScope();
    }

    private Tensor Pooled(Tensor map) => segment.Pooling is null ? map : segment.Pooling(map);

    private static Tensor Leaf(PartwiseNormalization normalization, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return normalization.Apply(map.detach()).relu_().requires_grad_().MoveToOuterDisposeScope();
    }

    private Tensor Convolve(int unit, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using AutocastScope? cast = network.Cast();
        Tensor prepared = unit == 0 && segment.Preparation is not null ? segment.Preparation(input) : input;
        return units[unit].Convolution.call(prepared).MoveToOuterDisposeScope();
    }

    /// <summary>Each part makes way for what is made of it, so only one is there twice.</summary>
    private static void Replace(Tensor[] parts, Func<Tensor, Tensor> change)
    {
        for (int part = 0; part < parts.Length; part++)
        {
            using DisposeScope scope = NewDisposeScope();
            using Tensor before = parts[part];
            parts[part] = change(before).MoveToOuterDisposeScope();
        }
    }
}
