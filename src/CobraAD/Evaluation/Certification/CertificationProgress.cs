namespace CobraAD.Evaluation.Certification;

/// <summary>Where a certification stands; reported after every image.</summary>
/// <param name="Done">Images whose bounds are known.</param>
/// <param name="Total">All images.</param>
public readonly record struct CertificationProgress(int Done, int Total);
