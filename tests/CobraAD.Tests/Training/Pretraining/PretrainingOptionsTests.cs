using System.Text.Json;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Pretraining;

namespace CobraAD.Tests.Training.Pretraining;

public sealed class PretrainingOptionsTests
{
    public static TheoryData<string, PretrainingOptions> Wrong => new()
    {
        { "Objective", new PretrainingOptions { Objective = (PretrainingObjective)9 } },
        { "WidthFactor", new PretrainingOptions { Network = new ResNetOptions { WidthFactor = 0 } } },
        { "Temperature", new PretrainingOptions { Temperature = double.NaN } },
        { "EmbeddingSize", new PretrainingOptions { EmbeddingSize = 1 } },
        { "Epochs", new PretrainingOptions { Epochs = 0 } },
        { "BatchSize", new PretrainingOptions { BatchSize = 1 } },
        { "Attack.StopCrossed", new PretrainingOptions { Attack = new InnerMaximizationOptions { StopCrossed = true } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_option_outside_its_range_is_named(string name, PretrainingOptions options) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);

    [Theory]
    [InlineData(PretrainingObjective.Supervised)]
    [InlineData(PretrainingObjective.Simclr)]
    [InlineData(PretrainingObjective.Adversarial)]
    public void Every_preset_is_valid_and_survives_JSON(PretrainingObjective objective)
    {
        foreach (string name in PretrainingPresets.Names)
        {
            foreach (int size in (int[])[32, 224])
            {
                PretrainingOptions options = PretrainingPresets.Get(name, objective, size);

                options.Validate();
                Assert.Equal(options, JsonSerializer.Deserialize<PretrainingOptions>(JsonSerializer.Serialize(options, CobraJson.Options), CobraJson.Options)! with { LearningRate = options.LearningRate });
            }
        }
    }

    [Fact]
    public void An_unknown_preset_is_refused() =>
        Assert.Contains("default, fast, tiny", Assert.Throws<ArgumentException>(() => PretrainingPresets.Get("huge", PretrainingObjective.Supervised, 32)).Message, StringComparison.Ordinal);
}
