namespace CobraAD.Tests.Torch;

/// <summary>Tests of what holds for the whole process, which a training in another test would change meanwhile: they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeProcessTests
{
    public const string Name = "whole process";
}
