using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>
/// The encoder's mirror image: each stage doubles the sides and halves the channels. Behind each of its three maps stand two 1 × 1
/// convolutions, one for the maps of each encoder.
/// </summary>
internal sealed class ReContrastDecoder : nn.Module
{
    private readonly Sequential[] stages = new Sequential[3];
    private readonly nn.Module<Tensor, Tensor>[][] blocks = new nn.Module<Tensor, Tensor>[3][];
    private readonly Conv2d[][] heads = [new Conv2d[3], new Conv2d[3]];

    /// <param name="shape">Of the encoder.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ReContrastDecoder(StageShape shape, Generator rng)
        : base(nameof(ReContrastDecoder))
    {
        using IDisposable frozen = no_grad();
        ConvolutionForm form = new(Folded: false, ChannelsLast: false);
        int inputs = 2 * shape.Channels[2];
        for (int i = 0; i < stages.Length; i++)
        {
            int outputs = shape.Channels[2 - i], inner = shape.Inner?[2 - i] ?? 0;
            List<nn.Module<Tensor, Tensor>> own = [new UpsamplingBlock(inputs, inner, outputs, rng)];
            for (int block = 1; block < shape.Blocks[i]; block++)
            {
                ResidualBlock residual = inner == 0 ? ResidualBlock.Basic(outputs, outputs, 1, form) : ResidualBlock.Bottleneck(outputs, inner, outputs, 1, form);
                foreach (ConvolutionUnit unit in residual.Units) unit.InitializeKaiming(rng);
                own.Add(residual);
            }

            blocks[i] = [.. own];
            stages[i] = nn.Sequential(own);
            register_module($"layer{i + 1}", stages[i]);
            inputs = outputs;
            for (int head = 0; head < heads.Length; head++)
            {
                ConvolutionUnit unit = new(ConvolutionUnit.CreateConvolution(outputs, outputs, 1, 1, form), null);
                unit.InitializeKaiming(rng);
                heads[head][i] = unit.Convolution;
                register_module($"head{head + 1}_{i + 1}", unit.Convolution);
            }
        }
    }

    /// <summary>The blocks of each stage, from coarse to fine: an <see cref="UpsamplingBlock"/>, then residual blocks.</summary>
    internal IReadOnlyList<IReadOnlyList<nn.Module<Tensor, Tensor>>> Stages => blocks;

    /// <summary>The convolutions behind each stage, from coarse to fine: the first for E_f's maps, the second for E's.</summary>
    internal IReadOnlyList<(Conv2d Frozen, Conv2d Trained)> Heads => [.. heads[0].Zip(heads[1])];

    /// <summary>Both encoders' maps from their codes; the caller disposes them.</summary>
    /// <param name="codes">[2B, C, h, w]: of B images the codes of the trained encoder, then those of the frozen one.</param>
    /// <returns>Of the three stages, from fine to coarse: the frozen encoder's maps from the first codes and the trained encoder's from the second.</returns>
    public IReadOnlyList<(Tensor Frozen, Tensor Trained)> Maps(Tensor codes)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(Tensor, Tensor)> maps = [];
        Tensor map = codes;
        for (int i = 0; i < stages.Length; i++)
        {
            map = stages[i].call(map);
            Tensor[] halves = map.chunk(2);
            maps.Insert(0, (heads[0][i].call(halves[0]).MoveToOuterDisposeScope(), heads[1][i].call(halves[1]).MoveToOuterDisposeScope()));
        }

        return maps;
    }
}
