// Sends images to a scoring service on this machine for a bounded time and reports latency, throughput and the service's memory:
//   dotnet run -c Release --project benchmarks/CobraAD.Load -- http://127.0.0.1:8080 IMAGES [--seconds 60] [--connections 8] [--swap MODEL.onnx] [--process ID]
using CobraAD.Load;

LoadPlan plan;
try
{
    plan = LoadPlan.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

LoadReport report = await new LoadGenerator(plan).RunAsync();
Console.WriteLine(report);
return report.Failures == 0 ? 0 : 1;
