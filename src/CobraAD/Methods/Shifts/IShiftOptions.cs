using CobraAD.Networks;
using CobraAD.Transforms.Light;

namespace CobraAD.Methods.Shifts;

/// <summary>Options of a method whose network tells shifted images apart, and whose score is an average over shifts and views.</summary>
internal interface IShiftOptions
{
    /// <summary>Encoder, projection head and the classifier of shifts.</summary>
    CobraNetworkOptions Network { get; }

    /// <summary>The light transforms. The flip comes before the shift, the others after it.</summary>
    LightAugmentationOptions Augmentation { get; }

    /// <summary>K, the shifts, the unchanged image included.</summary>
    int Shifts { get; }

    /// <summary>T', how many augmented views of each shift a score averages over; 0 for the shifted images as they are.</summary>
    int ScoreViews { get; }

    /// <summary>Area of the crops in the score.</summary>
    double ScoreCropArea { get; }
}
