using CobraAD.Detection;
using CobraAD.Networks;

namespace CobraAD.Methods.Shifts;

/// <summary>What the score of a detector that averages over shifts is made of, whatever its method: what an export needs.</summary>
internal interface IShiftDetector : ITrainedDetector
{
    /// <summary>How many shifts, and how many views of each.</summary>
    IShiftOptions Shifts { get; }

    /// <summary>The folded network; owned by the detector.</summary>
    CobraNetwork Network { get; }

    /// <summary>The images that the network is shown.</summary>
    ShiftViews Views { get; }

    /// <summary>What it compares with; owned by the detector.</summary>
    ShiftReference Reference { get; }
}
