using CobraAD.Networks.Backbones;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>What the score of a detector that compares features is made of, whatever its method: what an export needs.</summary>
internal interface INeighbourDetector
{
    /// <summary>How distances become the score.</summary>
    NeighbourScore Kind { get; }

    /// <summary>k.</summary>
    int Neighbours { get; }

    /// <summary>The folded backbone; owned by the detector.</summary>
    Backbone Folded { get; }

    /// <summary>Features of the training images, [N, D]; owned by the detector.</summary>
    Tensor Features { get; }
}
