namespace CobraAD.Tests.Torch;

/// <summary>Tests that collect managed memory: TorchSharp would free numbers that tests on other threads are computing with.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
