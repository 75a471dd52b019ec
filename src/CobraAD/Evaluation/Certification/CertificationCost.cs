namespace CobraAD.Evaluation.Certification;

/// <summary>What a certification will cost, known before it starts.</summary>
/// <param name="Images">Images that get bounds.</param>
/// <param name="Passes">Passes of one image through the detector that are left to do.</param>
/// <param name="Time">How long they will take, from a first pass of some noisy copies; zero where there is nothing to draw.</param>
public sealed record CertificationCost(int Images, long Passes, TimeSpan Time);
