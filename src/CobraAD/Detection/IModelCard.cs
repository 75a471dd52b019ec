using CobraAD.Serialization.Archive;

namespace CobraAD.Detection;

/// <summary>What is known about a trained detector of any method besides its tensors.</summary>
public interface IModelCard
{
    /// <summary>The method's name, which is also the kind of its model files; see <see cref="Methods.DetectionMethods.Get"/>.</summary>
    string Method { get; }

    /// <summary>What the detector is called in reports; it says when a part differs from the original, such as another backbone.</summary>
    string Name { get; }

    /// <summary>Every option of the training and of the score; the record of the method.</summary>
    DetectorOptions Options { get; }

    /// <summary>What it was trained on; its height and width are the size of every image it scores.</summary>
    ModelData Data { get; }

    /// <summary>The operating point.</summary>
    ScoreCalibration Calibration { get; }

    /// <summary>What was done to it after its training, in order.</summary>
    IReadOnlyList<ModelUpdate> History => [];

    /// <summary>Time of the training.</summary>
    double TrainingSeconds { get; }
}
