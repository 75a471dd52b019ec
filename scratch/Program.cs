using TorchSharp; using System.Diagnostics; using System.IO.Compression; using CobraAD.Datasets; using CobraAD.Networks; using CobraAD.PseudoAnomalies; using CobraAD.Torch; using static TorchSharp.torch;
TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 2 });
byte[] Read(string f) { using var g = new GZipStream(File.OpenRead("/usr/share/datasets/fashion-mnist/" + f), CompressionMode.Decompress); using var m = new MemoryStream(); g.CopyTo(m); return m.ToArray(); }
byte[] im = Read("train-images-idx3-ubyte.gz"), la = Read("train-labels-idx1-ubyte.gz");
ImageSet Load(int cls, int skip, int n) { int[] idx = [.. Enumerable.Range(0, 60000).Where(i => la[8 + i] == cls).Skip(skip).Take(n)]; byte[] b = new byte[n * 784]; for (int i = 0; i < n; i++) Array.Copy(im, 16 + idx[i] * 784, b, i * 784, 784);
 using var s = NewDisposeScope(); var t = tensor(b, [n, 1, 28, 28]).to(float32); t = nn.functional.interpolate(t, [32, 32], null, InterpolationMode.Bilinear, false); t = t.round().clamp(0,255).to(ScalarType.Byte).expand(n, 3, 32, 32).contiguous(); return new ImageSet("fm", t, [.. Enumerable.Range(0, n).Select(i => "x")]); }
using var train = Load(1, 0, 500); using var fresh = Load(1, 500, 1000); using var other = Load(8, 0, 300);
foreach (string a in args) {
 var p = a.Split(','); 
 var o = new PseudoAnomalyOptions { Calibration = Enum.Parse<PValueCalibration>(p[3], true), Mixture = new() { Covariance = p.Length > 5 && p[5]=="diag" ? CovarianceKind.Diagonal : CovarianceKind.Full }, Classifier = new() { Network = new ResNetOptions { Stem = Enum.Parse<ResNetStem>(p[0]), WidthFactor = double.Parse(p[1]) }, Epochs = int.Parse(p[2]), IncludeIdentity = p[4] == "id" } };
 foreach (int seed in new[] { 1, 2 }) {
 var w = Stopwatch.StartNew(); using var g = PseudoAnomalyGenerator.Build(train, o, new RandomStreams(seed), CPU); double build = w.Elapsed.TotalSeconds;
 using var rng = new Generator(5, CPU); double ms = 0; int batches = 0; using var sc = NewDisposeScope();
 for (int i = 0; i + 64 <= 500; i += 64) { var b = train.Batch(i, 64); w.Restart(); g.Craft(b, rng); if (i > 0) { ms += w.Elapsed.TotalMilliseconds; batches++; } }
 double Share(ImageSet s) => g.PValues(s.Batch(0, s.Count)).le(0.05).to(float64).mean().item<double>();
 var st = g.Statistics; w.Restart(); using var un = PseudoAnomalyGenerator.Build(train, new PseudoAnomalyOptions { Filter = false }, new RandomStreams(seed), CPU); var bb = train.Batch(0, 64); un.Craft(bb, rng); w.Restart(); for (int k = 0; k < 5; k++) un.Craft(bb, rng); double plain = w.Elapsed.TotalMilliseconds / 5;
 Console.WriteLine($"{a} seed {seed}: build {build:F1} s, acc {g.Health!.ClassifierAccuracy:F3}, val {g.Health.ValidationShareBelow:F3} (mean p {g.Health.ValidationMeanPValue:F2}), fresh normals {Share(fresh):F3}, class 8 {Share(other):F3}, acceptance/try {st.AcceptancePerTry:F3}, tries {st.MeanTries:F2}, exhausted {st.Exhausted}, mean p {st.MeanPValue:F4}, {ms / batches:F0} ms per 64, unfiltered {plain:F0} ms");
 } }
