using System.Globalization;
using CobraAD.Validation;

using static TorchSharp.torch;

namespace CobraAD.Detection.Foreign;

/// <summary>How a model made elsewhere expects its images, and where it puts its score.</summary>
/// <remarks>
/// Attacks move the images of the data set, in [0, 1] and at the data set's size; what is declared here happens to them afterwards, inside
/// the score, so that gradients go through it and radii mean the same for every detector.
/// </remarks>
public sealed record ForeignInput
{
    /// <summary>Height and width that the model takes.</summary>
    /// <value><see langword="null"/> (the default) passes images on as they are; otherwise they are resized bilinearly.</value>
    public int? Size { get; init; }

    /// <summary>What the model takes for black.</summary>
    /// <value>Default 0.</value>
    public double Low { get; init; }

    /// <summary>What the model takes for white.</summary>
    /// <value>Default 1; 255 for models that take bytes as numbers.</value>
    public double High { get; init; } = 1;

    /// <summary>Subtracted from each channel after scaling to [<see cref="Low"/>, <see cref="High"/>].</summary>
    /// <value>Default 0, 0, 0.</value>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>Divides each channel after <see cref="Mean"/> was subtracted.</summary>
    /// <value>Default 1, 1, 1.</value>
    public IReadOnlyList<double> Deviation { get; init; } = [1, 1, 1];

    /// <summary>The order of the dimensions.</summary>
    /// <value>Default <see cref="ForeignLayout.Nchw"/>.</value>
    public ForeignLayout Layout { get; init; } = ForeignLayout.Nchw;

    /// <summary>Whether the model takes blue first.</summary>
    /// <value>Default <see langword="false"/>: red first.</value>
    public bool BlueFirst { get; init; }

    /// <summary>Which output is the score: its name, or its index from 0.</summary>
    /// <value><see langword="null"/> (the default) takes the only output; with several it must be said.</value>
    public string? ScoreOutput { get; init; }

    /// <summary>Whether a larger output is more normal, so that its sign has to be turned.</summary>
    /// <value>Default <see langword="false"/>: larger is more anomalous.</value>
    public bool LargerIsNormal { get; init; }

    /// <summary>The operating point, in the score's own unit after <see cref="LargerIsNormal"/>.</summary>
    /// <value><see langword="null"/> (the default) for none.</value>
    public double? Threshold { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Size, 1, 8192);
        OptionCheck.Require(High, double.IsFinite(Low) && double.IsFinite(High) && High > Low, string.Create(CultureInfo.InvariantCulture, $"above Low, which is {Low}"));
        OptionCheck.RequireList(Mean, Mean.Count == 3 && Mean.All(double.IsFinite), "three numbers, one for each channel");
        OptionCheck.RequireList(Deviation, Deviation.Count == 3 && Deviation.All(value => value > 0), "three numbers above 0, one for each channel");
        OptionCheck.Require(Threshold, Threshold is null || double.IsFinite(Threshold.Value), "a finite number");
    }

    /// <summary>Brings images into the model's form; differentiable. The caller disposes the result.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <returns>float32 [B, 3, h, w] or [B, h, w, 3].</returns>
    public Tensor Prepare(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        Tensor ready = images.to(ScalarType.Float32);
        if (Size is { } size && (images.size(2) != size || images.size(3) != size))
            ready = nn.functional.interpolate(ready, size: [size, size], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor mean = PerChannel(Mean, ready), deviation = PerChannel(Deviation, ready);
        ready = (ready * (High - Low) + Low - mean) / deviation;
        if (BlueFirst) ready = ready.flip(1);
        if (Layout == ForeignLayout.Nhwc) ready = ready.permute(0, 2, 3, 1);
        return ready.contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Makes one score for each image of what the model returned. The caller disposes the result.</summary>
    /// <param name="output">[B] or [B, 1, …].</param>
    /// <param name="images">How many images went in.</param>
    /// <param name="file">The model's file, for the message.</param>
    /// <param name="name">The output's name, for the message.</param>
    /// <returns>[B]; larger is more anomalous.</returns>
    /// <exception cref="ForeignModelException">The output is not one number for each image.</exception>
    public Tensor ToScore(Tensor output, long images, string file, string name)
    {
        ArgumentNullException.ThrowIfNull(output);
        long[] shape = output.shape;
        bool fits = shape.Length > 0 && shape[0] == images && shape.Skip(1).All(side => side == 1);
        if (!fits)
        {
            throw new ForeignModelException(
                $"{file}: output {name} has shape [{string.Join(", ", shape)}] for {images} images. Expected one score for each image, [{images}] or [{images}, 1]; choose another output with --score-output.");
        }

        Tensor score = output.reshape(images);
        return LargerIsNormal ? -score : score;
    }

    private static Tensor PerChannel(IReadOnlyList<double> values, Tensor like) => tensor(values.ToArray(), like.dtype, like.device).reshape(1, 3, 1, 1);
}
