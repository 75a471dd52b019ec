using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Methods.Common;

/// <summary>A detector that can set its threshold from the images it was trained on, for the case that there were too few to keep any out.</summary>
internal interface ISelfCalibrating : ITrainedDetector
{
    /// <summary>Sets the operating point; a detector that compares with a bank leaves the image itself out.</summary>
    /// <param name="training">What it was trained on.</param>
    /// <param name="falseAlarmRate">The share of good parts that may be called anomalous, in (0, 1).</param>
    void CalibrateOnTraining(ImageSet training, double falseAlarmRate);
}
