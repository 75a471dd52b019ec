using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Methods.Common;

/// <summary>A detector whose model file keeps what was done to it after its training, and that may have a bank to add to.</summary>
internal interface IUpdatable : ITrainedDetector
{
    /// <summary>Whether it compares images with good ones that it has kept.</summary>
    bool HasBank { get; }

    /// <summary>Whether another entry in the bank can lower a score, but never raise one: then a threshold's promise outlives an addition.</summary>
    bool ScoresOnlyFall { get; }

    /// <summary>Adds good images to the bank. The threshold is not touched.</summary>
    /// <param name="goodImages">Images of the detector's size.</param>
    void Extend(ImageSet goodImages);

    /// <summary>Writes down what was done, with the operating point that holds since.</summary>
    /// <param name="update">What was done; <see langword="null"/> to set the operating point alone.</param>
    /// <param name="calibration">The operating point.</param>
    void Record(ModelUpdate? update, ScoreCalibration calibration);
}
