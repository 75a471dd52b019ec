using System.CommandLine;

RootCommand root = new("Adversarially robust image anomaly detection.");
return root.Parse(args).Invoke();
