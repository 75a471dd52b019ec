namespace CobraAD.Datasets;

/// <summary>How far reading has come.</summary>
/// <param name="Done">Images read so far.</param>
/// <param name="Total">Images to read.</param>
public readonly record struct DatasetProgress(int Done, int Total);
