using CobraAD.Datasets;

namespace CobraAD.Detection;

/// <summary>A detector that one of the <see cref="Methods.DetectionMethods"/> trained: it knows its origin and operating point and can be saved.</summary>
public interface ITrainedDetector : IAnomalyDetector
{
    /// <summary>Options, data and calibration of the model.</summary>
    IModelCard Card { get; }

    /// <summary>A raw score on the scale where 0.5 is the threshold.</summary>
    /// <param name="score">A value of <see cref="IAnomalyDetector.Score"/>.</param>
    double Calibrate(double score) => Card.Calibration.Calibrate(score);

    /// <summary>Sets the operating point anew, e.g. for a line with other light, without training again.</summary>
    /// <param name="goodImages">Good images that the detector was not trained on; their number bounds what can be promised.</param>
    /// <param name="falseAlarmRate">The share of good parts that may be called anomalous, in (0, 1).</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    void Recalibrate(ImageSet goodImages, double falseAlarmRate);

    /// <summary>Writes the model file, which <see cref="Methods.DetectionMethods.Load"/> reads; it appears complete or not at all.</summary>
    /// <param name="path">The <c>.cobra</c> file to make or replace.</param>
    void Save(string path);
}
