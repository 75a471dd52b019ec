using CobraAD.Detection;
using CobraAD.Networks.Backbones;

namespace CobraAD.Methods.Common;

/// <summary>Options of a method whose features come from a network that was trained elsewhere.</summary>
internal interface IBackboneUser
{
    /// <summary>The network and its weights.</summary>
    BackboneOptions Backbone { get; }

    /// <summary>The same options with another network.</summary>
    DetectorOptions With(BackboneOptions backbone);
}
